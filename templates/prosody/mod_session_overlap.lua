-- Nobody goes silent while jicofo moves people. Written by Audio Meet; changes here are overwritten.
--
-- On the components of the conference rooms. Each participant has one media session with a bridge, and gets another one when
-- jicofo moves people off a bridge ("moving"), or knows nothing of the session because it has restarted. A page can hold both:
-- it plays what comes through either. So:
--
-- * The end of a session that jicofo announces for a move is kept back: the page hears on the old bridge until it hears on the new.
-- * A session that another one has replaced without such a word, after a restart of jicofo, is ended too: everybody would be
--   heard twice from then on, and the old bridge would carry the conference as long as it lasts.
-- * The old ones end once everybody in the room who got a new one has had it for session_overlap_seconds.

local bare = require "prosody.util.jid".bare;
local st = require "prosody.util.stanza";
local uuid = require "prosody.util.uuid".generate;
local monotonic = require "prosody.util.time".monotonic; -- a clock of the wall may be set meanwhile

local NS_JINGLE = "urn:xmpp:jingle:1";
-- The text of jicofo's reason when it ends a session because it moves somebody (JitsiMeetConferenceImpl).
local MOVING = "moving";
-- Who waits for an answer to what this module says in jicofo's name.
local NOBODY = { send = function() end };

local focus = module:get_option_string("session_overlap_account");
-- From the page's answer until sound flowed it took up to 6.2 s: a bridge that had never carried anybody, two busy cores.
local overlap_seconds = module:get_option_number("session_overlap_seconds", 8);
-- Nobody waits longer than this for those who do not answer. A bridge that shuts down is gone by then.
local longest_seconds = module:get_option_number("session_overlap_longest_seconds", 30);

local get_room = module:depends("muc").get_room_from_jid;

-- Occupant JID -> { sid, accepted: when, focus: JID of jicofo that gave it; old: session ids, since: when the first of them was
-- replaced, moved: by jicofo's word }
local sessions = {};
local watching = false;

local function finish(nick, session)
	local room = get_room(bare(nick));
	if not room:get_occupant_jid(session.focus) then
		return; -- jicofo is away once more: as long as nobody can end them, they stay
	end
	for _, sid in ipairs(session.old) do
		room:handle_iq_to_occupant(NOBODY, st.iq({ type = "set", id = uuid(), from = session.focus, to = nick })
			:tag("jingle", { xmlns = NS_JINGLE, action = "session-terminate", sid = sid })
				:tag("reason"):tag("success"):up():text_tag("text", MOVING));
	end
	session.old, session.since, session.moved = {}, nil, nil;
end

-- What is still to come in each room: who has not accepted, and when the last one did.
local function rooms_that_wait()
	local rooms = {};
	for nick, session in pairs(sessions) do
		if session.since then
			local jid = bare(nick);
			local room = rooms[jid] or { since = session.since, accepted = 0, open = false };
			room.since = math.min(room.since, session.since);
			room.accepted = math.max(room.accepted, session.accepted or 0);
			room.open = room.open or not session.accepted;
			rooms[jid] = room;
		end
	end
	return rooms;
end

-- Once a second while somebody has two sessions.
local function watch()
	local now, rooms = monotonic(), rooms_that_wait();
	for nick, session in pairs(sessions) do
		local room = session.since and rooms[bare(nick)];
		if room then
			local is_late = now - room.since >= longest_seconds;
			local is_over = not room.open and now - room.accepted >= overlap_seconds;
			if is_over or is_late and (session.accepted or session.moved) then
				finish(nick, session);
			end
		end
	end
	watching = next(rooms) ~= nil;
	return watching and 1 or nil;
end

-- The session has another one beside it from now on.
local function set_aside(session, sid)
	table.insert(session.old, sid);
	session.since = session.since or monotonic();
	session.sid, session.accepted = nil, nil;
	if not watching then
		watching = true;
		module:add_timer(1, watch);
	end
end

-- What jicofo says to an occupant; true keeps it back.
local function from_focus(focus_jid, nick, jingle)
	local session = sessions[nick];
	local action, sid = jingle.attr.action, jingle.attr.sid;
	if action == "session-initiate" then
		session = session or { old = {} };
		sessions[nick] = session;
		if session.sid and session.sid ~= sid then
			set_aside(session, session.sid);
		end
		session.sid, session.accepted, session.focus = sid, nil, focus_jid;
	elseif action == "session-terminate" and session and session.sid == sid then
		local reason = jingle:get_child("reason");
		if reason and reason:get_child_text("text") == MOVING then
			session.moved = true;
			set_aside(session, sid);
			return true;
		end
		session.sid = nil;
	end
end

module:hook("iq/full", function(event)
	local stanza = event.stanza;
	local jingle = stanza.attr.type == "set" and stanza:get_child("jingle", NS_JINGLE);
	if not jingle then
		return;
	end
	if bare(stanza.attr.from) == focus then
		return from_focus(stanza.attr.from, stanza.attr.to, jingle);
	end
	local room = get_room(bare(stanza.attr.to));
	local session = sessions[room and room:get_occupant_jid(stanza.attr.from)];
	if session and session.sid == jingle.attr.sid then
		if jingle.attr.action == "session-accept" then
			session.accepted = monotonic();
		elseif jingle.attr.action == "session-terminate" then
			session.sid = nil;
		end
	end
end, 1);

module:hook("muc-occupant-left", function(event)
	sessions[event.nick] = nil;
end);
module:hook("muc-room-destroyed", function(event)
	for nick in pairs(sessions) do
		if bare(nick) == event.room.jid then
			sessions[nick] = nil;
		end
	end
end);
