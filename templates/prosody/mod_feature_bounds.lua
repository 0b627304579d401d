-- What one person may do with breakout rooms, polls, metadata of a room and the list of those who may unmute. Written by Audio Meet;
-- changes here are overwritten.
--
-- Jitsi's modules look at who somebody is, and at little of what he says: they keep it, and tell it to everybody, also to each who
-- comes later. On the hosts of the participants this module looks first at each message to one of them:
--
-- * A moderator moves people of his own conference alone. Breakout rooms of a conference have a number, and their names a length.
-- * Of the polls of a room each person keeps so many bytes, and all together so many: whoever comes gets all of it.
-- * What moderators say of a room has a size, all of it together.
-- * Who may unmute already is not put on that list once more. He is there by his name in the room, and the name stays when he has
--   left: nobody enters under it, or he would be heard where only some may speak.

-- For polls the reader that Jitsi's module has: both see the same.
local cjson = require "cjson.safe";
local json = require "prosody.util.json";
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

local conferences = module:get_option_string("feature_bounds_conferences");
local domain = module:get_option_string("muc_mapper_domain_base");
local most_breakouts = module:get_option_integer("feature_bounds_breakouts", 50);
local poll_bytes = module:get_option_integer("feature_bounds_poll_bytes", 200000);
local person_poll_bytes = module:get_option_integer("feature_bounds_person_poll_bytes", 65536);
local metadata_bytes = module:get_option_integer("feature_bounds_metadata_bytes", 16384);

-- A page takes fifty letters for the name of a person; that of a room is what somebody typed.
local LONGEST_ROOM_NAME = 256;
-- Choices of one poll: each that somebody ticks is kept with his name.
local MOST_CHOICES = 32;
-- What stands around the name of somebody who has voted, and around a poll.
local VOTE_BYTES, POLL_BYTES = 80, 200;
local NS_NICK = "http://jabber.org/protocol/nick";

local function room_of(address)
	local host = address and prosody.hosts[jid.host(address)];
	local muc = host and host.modules.muc;
	return muc and muc.get_room_from_jid(jid.bare(address)) or nil;
end

-- The conference that the page named in the address of its connection: what Jitsi's modules go by.
local function conference_of(session)
	local name, prefix = session.jitsi_web_query_room, session.jitsi_web_query_prefix;
	if not name or name == "" then
		return nil;
	elseif prefix and prefix ~= "" and prefix ~= domain then
		name = ("[%s]%s"):format(prefix, name);
	end
	return room_of(name .. "@" .. conferences);
end

-- Somebody by his own address, in a conference or a breakout room of it, and the room that he is in.
local function occupant_of(conference, address)
	local occupant = conference:get_occupant_by_real_jid(address);
	if occupant then
		return occupant, conference;
	end
	for breakout in pairs(conference._data.breakout_rooms or {}) do
		local room = room_of(breakout);
		occupant = room and room:get_occupant_by_real_jid(address);
		if occupant then
			return occupant, room;
		end
	end
	return nil;
end

local function count(list)
	local number = 0;
	for _ in pairs(list or {}) do
		number = number + 1;
	end
	return number;
end

local bounds = {};

function bounds.breakout_rooms(session, order)
	local conference, deed = conference_of(session), order.attr.type;
	if not conference then
		return "item-not-found", "No such conference";
	elseif #(order.attr.subject or "") > LONGEST_ROOM_NAME then
		return "not-acceptable", "A shorter name";
	elseif deed == "features/breakout-rooms/add" and count(conference._data.breakout_rooms) >= most_breakouts then
		return "resource-constraint", "Too many rooms";
	elseif deed == "features/breakout-rooms/move-to-room" and not occupant_of(conference, order.attr.participantJid) then
		return "item-not-found", "Nobody of this conference";
	end
end

-- Bytes that a vote adds, once it is told with the name of who gave it.
local function vote_bytes(poll, occupant)
	local presence = occupant:get_presence();
	local name = presence and presence:get_child_text("nick", NS_NICK) or "";
	local ticked = 0;
	for _, choice in ipairs(poll.answers) do
		ticked = ticked + (choice == true and 1 or 0);
	end
	return ticked * (VOTE_BYTES + #name);
end

-- What a room keeps of each person, by session and by what it is of: a vote takes the place of the one before.
local function keeps(room, session, what, bytes)
	local kept = room.feature_bounds or { all = 0, people = setmetatable({}, { __mode = "k" }) };
	room.feature_bounds = kept;
	local mine = kept.people[session] or { all = 0, by = {} };
	local more = bytes - (mine.by[what] or 0);
	if mine.all + more > person_poll_bytes or kept.all + more > poll_bytes then
		return false;
	end
	kept.people[session], mine.by[what] = mine, bytes;
	mine.all, kept.all = mine.all + more, kept.all + more;
	return true;
end

bounds["json-message"] = function (session, message, from)
	local conference = conference_of(session);
	local occupant, room = nil, nil;
	if conference then
		occupant, room = occupant_of(conference, from);
	end
	local poll = cjson.decode(message:get_text() or "");
	if not occupant then
		return "item-not-found", "Nobody of this conference";
	elseif type(poll) ~= "table" or type(poll.answers) ~= "table" or type(poll.pollId) ~= "string" then
		return "bad-request", "No poll";
	elseif #poll.answers > MOST_CHOICES then
		return "not-acceptable", "Fewer choices";
	end
	local is_new, polls = poll.command == "new-poll", room.polls and room.polls.by_id or {};
	if not is_new and not polls[poll.pollId] then
		return "item-not-found", "No such poll";
	end
	local bytes = is_new and #message:get_text() + POLL_BYTES or vote_bytes(poll, occupant);
	if not keeps(room, session, (is_new and "poll " or "vote ") .. poll.pollId, bytes) then
		return "resource-constraint", "Too many polls";
	end
end;

function bounds.room_metadata(session, message)
	local room = message.attr.room == nil and conference_of(session) or room_of(message.attr.room);
	local said = json.decode(message:get_text() or "");
	if not room or type(said) ~= "table" or type(said.key) ~= "string" then
		return "bad-request", "No metadata of a room";
	end
	local all = {};
	for key, value in pairs(room.jitsiMetadata or {}) do
		all[key] = value;
	end
	all[said.key] = said.data;
	if #json.encode(all) > metadata_bytes then
		return "not-acceptable", "Too long";
	end
end

function bounds.av_moderation(session, order)
	local allowed, conference = order.attr.jidToWhitelist, conference_of(session);
	local lists = conference and conference.av_moderation;
	for _, one in ipairs(allowed and lists and lists[order.attr.mediaType] or {}) do
		if one == allowed then
			return "conflict", "May unmute already";
		end
	end
end

module:hook("pre-message/host", function (event)
	local session, stanza = event.origin, event.stanza;
	for _, element in ipairs(stanza.tags) do
		local bound = bounds[element.name];
		local condition, text;
		if bound then
			condition, text = bound(session, element, stanza.attr.from);
		end
		if condition then
			module:log("info", "Refused to %s: %s, %s", session.full_jid, element.name, text);
			if stanza.attr.type ~= "error" then
				session.send(st.error_reply(stanza, "modify", condition, text));
			end
			return true;
		end
	end
end, 900);

-- Whether a name in a room is on a list of who may unmute, and nobody is there under it.
local function is_left_on_list(room, address)
	if not room or not room.av_moderation or room:get_occupant_by_nick(address) then
		return false;
	end
	for _, list in pairs(room.av_moderation) do
		for _, one in ipairs(list) do
			if one == address then
				return true;
			end
		end
	end
	return false;
end

module:hook("pre-presence/full", function (event)
	local session, stanza = event.origin, event.stanza;
	if stanza.attr.type == nil and is_left_on_list(room_of(stanza.attr.to), stanza.attr.to) then
		module:log("info", "%s takes the name of somebody who may unmute and has left", session.full_jid);
		session.send(st.error_reply(stanza, "cancel", "conflict", "Somebody else's name; take another one"));
		return true;
	end
end, 890);
