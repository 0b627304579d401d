-- Who may make jicofo open what. Written by Audio Meet; changes here are overwritten.
--
-- jicofo joins any room that somebody asks it for, a brewery as well, and leaves it again when nobody comes. On the hosts of the
-- participants this module looks at each request, wherever it is sent: a room is one of the conferences, or a breakout room that
-- one of them has; who logged in by token asks for the token's room alone. Rooms that are not there yet are counted, for each
-- session and each address. What is refused never reaches jicofo.
--
-- Where there are visitors, who moderates stays in the main room: without the word of his page that it knows visitors, jicofo
-- redirects nobody. And nobody asks to be a visitor: once a conference has one, everybody becomes one who comes after him, in a room of
-- three as well.

local cache = require "prosody.util.cache";
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local throttle = require "prosody.util.throttle";
local monotonic = require "prosody.util.time".monotonic; -- a clock of the wall may be set meanwhile

local by_address = module:require "source_address".counts;

local ASKED_LATELY_SECONDS = 60;
local asked_lately = cache.new(10000);

local conferences = module:get_option_string("room_requests_conferences");
local breakouts = module:get_option_string("room_requests_breakouts");
local needs_token = module:get_option_string("authentication") == "meet_token";

local all_moderate = module:get_option_boolean("room_requests_all_moderate", false);

local session_rooms = module:get_option_integer("room_requests_session_rooms", 8);
local session_seconds = module:get_option_integer("room_requests_session_seconds", 60);
local count_of = by_address(
	module:shared("/*/room_requests/addresses"),
	module:get_option_integer("room_requests_address_rooms", 25),
	module:get_option_number("room_requests_address_per_second", 0.1)
);

local function rooms_at(host)
	local component = prosody.hosts[host];
	return component and component.modules.muc;
end

-- The conference that has a breakout room, by what mod_muc_breakout_rooms keeps at it.
local function conference_of(breakout)
	for room in rooms_at(conferences).each_room() do
		local own = room._data.breakout_rooms;
		if own and own[breakout] ~= nil then
			return room.jid;
		end
	end
	return nil;
end

local function is_there(room)
	local muc = rooms_at(jid.host(room));
	return muc ~= nil and muc.get_room_from_jid(room) ~= nil;
end

-- Who asks again for the same room, as a page does until somebody opens it, is counted once; so is an address from which several
-- people ask for it, each of them first.
local function may_open(session, room)
	local asked = session.room_requests or { names = {}, count = throttle.create(session_rooms, session_rooms * session_seconds) };
	session.room_requests = asked;
	if asked.names[room] then
		return true;
	end
	local address, before = count_of(session), asked_lately:get(room);
	local counts = before and monotonic() - before < ASKED_LATELY_SECONDS and 0 or 1;
	if not asked.count:peek(1) or not address:peek(counts) then
		return false;
	end
	asked.count:poll(1);
	address:poll(counts);
	asked.names[room] = true;
	asked_lately:set(room, monotonic());
	return true;
end

-- Why a request is refused: type and condition of the error, and a text; nothing where it may go on, as the second value.
local function refusal_of(session, request)
	local node, host, resource = jid.prepped_split(request.attr.room);
	if not node or resource then
		return { "modify", "bad-request", "No room is named" };
	end
	local room = node .. "@" .. host;
	local conference = host == conferences and room or host == breakouts and conference_of(room);
	if not conference then
		return { "cancel", "item-not-found", "No such conference" };
	end
	local token = session.meet_token;
	if needs_token and not (token and (token.room == "*" or token.room == jid.node(conference))) then
		return { "cancel", "not-allowed", "The token is for another room" };
	end
	if not is_there(room) and not may_open(session, room) then
		return { "wait", "resource-constraint", "Too many rooms" };
	end
	return nil, room;
end

-- jicofo's parser takes an attribute of any namespace by its local name.
local function has_odd_attributes(element)
	for name in pairs(element.attr) do
		if name:find("\1", 1, true) then
			return true;
		end
	end
	return false;
end

local function stays_in_main_room(session)
	return all_moderate or session.meet_token ~= nil and session.meet_token.is_moderator;
end

local function take_out(request, property)
	request:maptags(function (element)
		if element.name == "property" and element.attr.name == property then
			return nil;
		end
		return element;
	end);
end

local function on_iq(event)
	local session, stanza = event.origin, event.stanza;
	for _, request in ipairs(stanza.tags) do
		if request.name == "conference" then
			local refusal, room = { "modify", "bad-request", "No request" }, nil;
			if not has_odd_attributes(request) then
				refusal, room = refusal_of(session, request);
			end
			if refusal then
				module:log("info", "%s may not have %s opened: %s", session.full_jid, request.attr.room, refusal[3]);
				if stanza.attr.type == "get" or stanza.attr.type == "set" then
					session.send(st.error_reply(stanza, refusal[1], refusal[2], refusal[3]));
				end
				return true;
			end
			-- What was looked at is what jicofo reads.
			request.attr.room = room;
			take_out(request, "visitor");
			if stays_in_main_room(session) then
				take_out(request, "visitors-version");
			end
		end
	end
end

for _, to in ipairs { "full", "bare", "host" } do
	module:hook("pre-iq/" .. to, on_iq, 900);
end
