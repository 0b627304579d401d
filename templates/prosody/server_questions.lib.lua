-- What a session needs of its server, and nothing else: a ping, its roster, what the server and its rooms can do. Written by Audio Meet;
-- changes here are overwritten.

local QUESTIONS = {
	["get urn:xmpp:ping"] = true,
	["get jabber:iq:roster"] = true,
	["get http://jabber.org/protocol/disco#info"] = true,
	["set urn:ietf:params:xml:ns:xmpp-session"] = true,
};

-- Whether a stanza asks one of them, of the account itself or of one of these hosts.
return function (iq, hosts)
	local to, asked = iq.attr.to, iq.tags[1];
	return (to == nil or hosts[to]) and asked ~= nil and QUESTIONS[iq.attr.type .. " " .. (asked.attr.xmlns or "")] == true;
end
