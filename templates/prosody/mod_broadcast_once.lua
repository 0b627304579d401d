-- What goes to everybody in a room is written once. Written by Audio Meet; changes here are overwritten.
--
-- Prosody clones and serialises a presence for each who receives it, and all of the room's presences for each who enters: in a room
-- of 500 that is nearly all that a join costs. The texts differ in one attribute, `to`. So here a stanza becomes text once and the
-- receiver is put in, and who enters gets the texts that were made for those before him.
--
-- Only where nobody can tell: the receiver has a websocket, nothing but Prosody's own module delivers to it, and what filters of other
-- modules do with the stanza is looked at. All others get what the stock room sends. One text in SAMPLE of each kind, the first among
-- them, is held against what Prosody would have written, and so is what a stream keeps that can go on over another connection; a
-- difference switches this off until Prosody restarts, with a warning and a metric.
--
-- Pages are spared what none of them reads of others, and in a large room a connection keeps what it is to send for a moment.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

local texts = module:require "stanza_texts";
local gathered = module:require "gathered_writes";
local keeping = module:require "kept_stanzas";

local room_mt = module:depends "muc".room_mt;
local sessions = prosody.full_sessions;

local SAMPLE = 1000;
-- Name of a stanza -> Prosody's module that alone may deliver it.
local DELIVERY = { presence = "mod_presence", message = "mod_message" };

local in_use = true;
-- Texts so far: of what happens in a room, and of its occupants for who enters. How often a stream has kept one.
local sent = { news = 0, entry = 0, kept = 0 };
local gauge = module:metric("gauge", "in_use", "", "Whether what goes to everybody in a room is written once"):with_labels();
gauge:set(1);

local function give_up(reason)
	in_use = false;
	gauge:set(0);
	module:log("warn", "Each receiver's stanza is written anew from here on, which costs several times the CPU: %s", reason);
end

-- Name of a file -> function -> whether it is of that file.
local origins = setmetatable({}, { __index = function (all, name)
	all[name] = setmetatable({}, { __mode = "k" });
	return all[name];
end });

local function is_from(handler, name)
	local known = origins[name][handler];
	if known == nil then
		known = debug.getinfo(handler, "S").source:find(name, 1, true) ~= nil;
		origins[name][handler] = known;
	end
	return known;
end

local function is_plain(host, kind)
	local handlers = host.events.get_handlers(kind .. "/full");
	return handlers ~= nil and #handlers == 1 and is_from(handlers[1], DELIVERY[kind]);
end

-- Whether a websocket is the last to change what a session is sent, after mod_smacks where the stream keeps it (XEP-0198).
local function is_websocket(session)
	local filters = session.filters and session.filters["stanzas/out"] or {};
	return session.websocket_request ~= nil and is_from(session.send, "sessionmanager")
		and #filters > 0 and is_from(filters[#filters], "mod_websocket")
		and (not session.smacks or #filters > 1 and is_from(filters[#filters - 1], "mod_smacks") and keeping.can_keep(session));
end

local function receiver(to, kind)
	local session = in_use and sessions[to];
	local host = session and prosody.hosts[session.host];
	return session and session.type == "c2s" and host and is_plain(host, kind) and is_websocket(session) and session or nil;
end

-- Hosts whose sessions are pages of participants: no recorder is there.
local pages = module:get_option_set("broadcast_once_pages", {});
-- What a page of lib-jitsi-meet v2183 does not read of somebody else, by name and namespace: capabilities (all that matters is in
-- `features`), the identity of XEP-0421, a name for statistics, and codecs for video, which nobody may send here.
local UNREAD = {
	["c http://jabber.org/protocol/caps"] = true,
	["occupant-id urn:xmpp:occupant-id:0"] = true,
	["stats-id "] = true,
	["jitsi_participant_codecList "] = true,
	["jitsi_participant_codecType "] = true,
};

local function is_unread(child)
	local xmlns = child.attr and child.attr.xmlns;
	return child.name ~= nil and UNREAD[child.name .. " " .. (xmlns ~= "jabber:client" and xmlns or "")] ~= nil;
end

-- What is left out for a session; nil: nothing. A farewell has next to nothing in it, and may be one's own.
local function left_out(session, stanza)
	return stanza.name == "presence" and stanza.attr.type == nil and pages:contains(session.host) and is_unread or nil;
end

-- The text for one receiver. `whole` makes the stanza that Prosody would have sent.
local function text_for(session, to, shot, whole)
	local unread = left_out(session, shot.stanza);
	local text, kind = texts.spliced(shot, to, unread), shot.kind;
	sent[kind] = sent[kind] + 1;
	if sent[kind] % SAMPLE == 1 then
		local other = texts.written(whole(), to, unread);
		if not texts.is_same(text, other) then
			give_up("a text differs from Prosody's own");
			return other;
		end
	end
	return text;
end

-- A look at all that is in a stanza costs as much as everything else that is done for a receiver. So after the first ones it is one
-- in DEEP, and the others get a brief one. Once something was written deep inside, all of them are looked into.
local FIRST, DEEP = 1000, 16;
local looks, is_written_inside = 0, false;

-- Whether the filters of a session have left a stanza as it was.
local function is_left_alone(shot)
	looks = looks + 1;
	if not texts.is_unchanged(shot, true) then
		return false;
	elseif not is_written_inside and looks > FIRST and looks % DEEP ~= 0 then
		return true;
	end
	local is_same = texts.is_unchanged(shot);
	is_written_inside = is_written_inside or not is_same;
	return is_same;
end

-- Has the stream of a session keep what it is sent. `own`: the filter by which mod_smacks does that.
local function keep(session, to, shot, own, whole)
	local unread = left_out(session, shot.stanza);
	sent.kept = sent.kept + 1;
	if sent.kept % SAMPLE ~= 1 then
		keeping.keep(session, to, shot, unread);
	elseif not keeping.is_kept_alike(session, to, shot, unread, own, whole()) then
		give_up("what a stream keeps differs from what mod_smacks would");
	end
end

-- Sends a stanza through the filters of a session, as Prosody does, and past its own last ones. Whether it is still the same.
local function send(session, to, shot, whole)
	local stanza, filters = shot.stanza, session.filters["stanzas/out"];
	stanza.attr.to = to;
	local filtered, others = stanza, #filters - (session.smacks and 2 or 1);
	local own = session.smacks and filters[others + 1];
	for i = 1, others do
		filtered = filters[i](filtered, session);
		if filtered == nil then
			return is_left_alone(shot);
		end
	end
	local is_kept = others == 0 or filtered == stanza and is_left_alone(shot);
	local is_shot = is_kept and stanza.attr.to == to;
	if own and is_shot then
		keep(session, to, shot, own, whole);
	elseif own then
		own(filtered, session);
	end
	session.rawsend(is_shot and text_for(session, to, shot, whole) or texts.written(filtered, nil, left_out(session, filtered)));
	return is_kept;
end

-- A broadcast hands the same stanza to one receiver after the other, and may make it another kind in between.
local last = {};

local function last_of(room, stanza)
	local attr = stanza.attr;
	if last.stanza ~= stanza or last.type ~= attr.type or last.from ~= attr.from or last.count ~= #stanza
		or last.is_kept == false then
		last = texts.shot_of(stanza, "news") or {};
		last.type, last.from, last.count = attr.type, attr.from, #stanza;
		last.people = gathered.people_in(room);
	end
	return last.stanza and last or nil;
end

local function is_for_everybody(stanza)
	local kind = stanza.attr.type;
	return stanza.name == "presence" and (kind == nil or kind == "unavailable") or stanza.name == "message" and kind == "groupchat";
end

local route_to_occupant = room_mt.route_to_occupant;

function room_mt:route_to_occupant(occupant, stanza)
	if not is_for_everybody(stanza) then
		return route_to_occupant(self, occupant, stanza);
	end
	local to = stanza.attr.to;
	for full in occupant:each_session() do
		local session = receiver(full, stanza.name);
		local shot = session and last_of(self, stanza);
		if shot then
			gathered.hold(session, shot.people, give_up);
			shot.is_kept = send(session, full, shot, function () return stanza; end);
		else
			stanza.attr.to = full;
			self:route_stanza(stanza);
		end
	end
	stanza.attr.to = to;
end

local send_occupant_list = room_mt.send_occupant_list;

-- The presences of one occupant for who enters, as Prosody makes them.
local function listed(room, to, occupant_jid)
	local stanzas = {};
	room.route_stanza = function (_, stanza)
		stanzas[#stanzas + 1] = stanza;
	end;
	local ok, err = pcall(send_occupant_list, room, to, function (other) return other == occupant_jid; end);
	room.route_stanza = nil;
	assert(ok, err);
	return stanzas;
end

-- Stored presence of an occupant -> its shot for who enters, and what that was made of.
local entries = setmetatable({}, { __mode = "k" });

-- Whether an entry was made of the same, beside the stored presence.
local function is_made_of(entry, affiliation, role, is_anonymous, is_broadcast)
	return entry.affiliation == affiliation and entry.role == role and entry.is_anonymous == is_anonymous
		and entry.is_broadcast == is_broadcast;
end

-- nil where it is not the same for everybody: with hats, and for one's own other sessions.
local function entry_of(room, to, is_anonymous, occupant_jid, occupant)
	local presence, bare = occupant:get_presence(), occupant.bare_jid;
	if not presence or to:sub(1, #bare) == bare and jid.bare(to) == bare or room:get_affiliation_data(bare, "hats") then
		return nil;
	end
	local affiliation, role = room:get_affiliation(bare) or "none", occupant.role or "none";
	local is_broadcast = room:get_presence_broadcast()[role];
	local entry = entries[presence];
	if not entry or not is_made_of(entry, affiliation, role, is_anonymous, is_broadcast) then
		local stanzas = listed(room, to, occupant_jid);
		local shot = #stanzas == 1 and texts.shot_of(stanzas[1], "entry");
		entry = shot and {
			shot = shot, affiliation = affiliation, role = role, is_anonymous = is_anonymous, is_broadcast = is_broadcast,
		} or nil;
		entries[presence] = entry;
	end
	return entry;
end

function room_mt:send_occupant_list(to, filter)
	local session = receiver(to, "presence");
	-- Whether affiliated people who are not there are told as well is a choice of the room.
	if not session or self:get_presence_broadcast().none then
		return send_occupant_list(self, to, filter);
	end
	local is_anonymous, shown, own = self:is_anonymous_for(to), self:get_presence_broadcast(), jid.bare(to);
	for occupant_jid, occupant in self:each_occupant() do
		local is_shown = shown[occupant.role or "none"] or occupant.bare_jid == own;
		if is_shown and (not filter or filter(occupant_jid, occupant)) then
			local entry = in_use and entry_of(self, to, is_anonymous, occupant_jid, occupant);
			if not entry then
				send_occupant_list(self, to, function (other) return other == occupant_jid; end);
			elseif not send(session, to, entry.shot, function () return listed(self, to, occupant_jid)[1]; end) then
				entries[occupant:get_presence()] = nil;
			end
		end
	end
end

-- Before anybody is there: the parts of a stanza make the stanza, and rooms are as they are expected.
local function self_test()
	local stanza = st.presence({ from = "room@x/<nick>", to = "old" }):tag("x", { xmlns = "urn:x", a = "'&'" }):text("<&>"):up();
	stanza:text_tag("stats-id", "x"):text_tag("nick", "<x>", { xmlns = "http://jabber.org/protocol/nick" });
	local shot, to = texts.shot_of(stanza, "news"), "who@x/a'b";
	local is_right = shot and texts.is_unchanged(shot) and texts.is_same(texts.spliced(shot, to), texts.written(stanza, to))
		and texts.is_same(texts.spliced(shot, to, is_unread), texts.written(stanza:remove_children("stats-id"), to))
		and not texts.is_unchanged(shot);
	if not is_right then
		give_up("its own test fails");
	end
	if not keeping.works() then
		give_up("mod_smacks keeps stanzas otherwise than expected");
	end
	for _, name in ipairs { "each_occupant", "get_affiliation_data", "get_presence_broadcast", "is_anonymous_for", "route_stanza" } do
		if type(room_mt[name]) ~= "function" then
			give_up("Prosody's rooms have no " .. name);
		end
	end
end

self_test();

function module.unload()
	gathered.let_go(give_up);
	room_mt.route_to_occupant, room_mt.send_occupant_list = route_to_occupant, send_occupant_list;
end
