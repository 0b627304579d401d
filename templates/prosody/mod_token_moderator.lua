-- Moderators by token. Written by Audio Meet; changes here are overwritten.
--
-- On the component of the rooms. Whoever logged in with a token that says context.user.moderator = true becomes an owner
-- of the room. The login has verified the token by then, and token_verification that it is for this room. jicofo makes no
-- owners here (conference.enable-auto-owner = false): otherwise the first to come would be one, whatever the token says.

local function is_moderator(session)
	local user = session.auth_token and session.jitsi_meet_context_user;
	return type(user) == "table" and (user.moderator == true or user.moderator == "true");
end

-- Before the room decides on the role of the newcomer, and after token_verification, whose priority is 99.
module:hook("muc-occupant-pre-join", function(event)
	if is_moderator(event.origin) then
		event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
		event.occupant.role = "moderator";
	end
end, 2);
