-- A new secret of TURN without a restart. Written by Audio Meet; changes here are overwritten.
--
-- mod_external_services, on the hosts of participants, reads its settings as it loads. When Prosody reads its configuration again,
-- and with it the file of the secret, that module loads anew; whoever depends on it follows by itself. Names and passwords that
-- participants have stay good: coturn takes those of the secret before for as long as they live.

local modulemanager = require "core.modulemanager";

module:hook_global("config-reloaded", function()
	local ok, problem = modulemanager.reload(module.host, "external_services");
	if not ok then
		module:log("error", "Names and passwords for TURN are still made from the secret before: %s", problem);
	end
end);
