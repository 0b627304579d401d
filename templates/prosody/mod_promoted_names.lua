-- Who was promoted comes back by the name that he was told. Written by Audio Meet; changes here are overwritten.
--
-- On the hosts of the participants, where there are visitors. A moderator's word makes Jitsi's module of visitors keep a name that
-- nobody can guess, and tell it to the visitor. His page logs in here with that name in its address, and enters the room by it. The
-- name stands in the address that all in the room see, so it is good for one login: whoever logged in by it once more would have
-- the affiliations of the one who was promoted.

local cache = require "prosody.util.cache";

-- Sets what the page's address says on each session.
module:depends("jitsi_session");

local MOST_REMEMBERED = 10000;
local used = cache.new(MOST_REMEMBERED);

module:hook("authentication-success", function (event)
	local session = event.session;
	local told = session.customusername;
	if not told or told == "" or used:get(told) then
		return;
	end
	-- nil where nobody was promoted by that name to the room that the address names
	local name = prosody.events.fire_event("pre-jitsi-authentication", session);
	if name then
		used:set(told, true);
		session.username = name;
	end
end);
