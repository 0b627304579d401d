-- A moderator ends the conference for everybody. Stand-in of the Audio Meet lab, not Jitsi's own.
local util = module:require "util";
module:depends("jitsi_session");

if not module:get_option_string("muc_component") then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

module:hook("message/host", function(event)
	local room = event.stanza:get_child("end_conference") and util.moderated(event);
	if room then
		room:destroy(nil, "The meeting has been terminated");
		module:log("info", "Room %s destroyed by occupant %s", room.jid, event.stanza.attr.from);
		return true;
	end
	return false;
end);

util.announce("end_conference");
