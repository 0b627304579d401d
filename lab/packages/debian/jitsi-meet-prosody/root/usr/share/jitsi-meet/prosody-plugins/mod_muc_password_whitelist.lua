-- The daemons enter rooms that have a password. Stand-in of the Audio Meet lab, not Jitsi's own.
local NS_MUC = "http://jabber.org/protocol/muc";
local util = module:require "util";
local is_listed = util.listed("muc_password_whitelist");

module:hook("muc-occupant-pre-join", function(event)
	local password, stanza = event.room:get_password(), event.stanza;
	if not password or not is_listed(stanza.attr.from) then
		return;
	end
	local join = stanza:get_child("x", NS_MUC);
	if join then
		join:remove_children("password", NS_MUC);
		join:text_tag("password", password, { xmlns = NS_MUC });
	end
end, -7);
