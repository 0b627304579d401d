-- What one person may cost the others. Written by Audio Meet; changes here are overwritten.
--
-- * Presences and messages of participants go on in turns (stanza_turns). A session has a number of them at once and one a second
--   after that. What is more waits. When too many wait, a presence takes the place of the one before it: only the last says how
--   somebody is. A message is refused then.
-- * Everything that participants send is counted, for each session and each address, with room for what no page ever sends. Who
--   sends more is put out.
--
-- Sessions of other hosts, jicofo's and the recorders', pass as they are.

module:set_global();

local filters = require "prosody.util.filters";
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local throttle = require "prosody.util.throttle";

local by_address = module:require "source_address".counts;
local turns = module:require "stanza_turns";

local NS_MUC = "http://jabber.org/protocol/muc";
-- A stanza counts once more for each so many bytes: it is sent on as long as it is.
local BYTES_PER_COUNT = 4096;
-- A join is told to everybody, and everybody to the one who joins.
local JOIN_COUNTS = 2;
-- When its address has sent too much, a session is put out that has itself sent so much of late: a page that rests has not.
local FAIR_STANZAS = 50;

local hosts = module:get_option_set("stanza_limits_hosts", {});
local stanzas_at_once = module:get_option_integer("stanza_limits_at_once", 1200);
local stanzas_per_second = module:get_option_integer("stanza_limits_per_second", 50);
local shared_at_once = module:get_option_integer("stanza_limits_shared_at_once", 20);
local shared_bytes = module:get_option_integer("stanza_limits_shared_bytes", 16384);
local shared_per_second = module:get_option_integer("stanza_limits_shared_per_second", 1);
local most_waiting = module:get_option_integer("stanza_limits_waiting", 8);
local address_of = by_address(
	module:shared("/*/stanza_limits/addresses"),
	module:get_option_integer("stanza_limits_address_at_once", 20000),
	module:get_option_integer("stanza_limits_address_per_second", 2000)
);

local people = setmetatable({}, { __mode = "k" });

-- A presence that says how somebody is who is in the room already.
local function is_update(stanza)
	return stanza.name == "presence" and not stanza.attr.type and not stanza:get_child("x", NS_MUC);
end

local function counts_of(stanza, bytes)
	local counts = 1 + math.floor(bytes / BYTES_PER_COUNT);
	if stanza.name == "presence" and not stanza.attr.type and not is_update(stanza) then
		counts = counts * JOIN_COUNTS;
	end
	return counts;
end

-- Puts a presence in the place of the one before it to the same address.
local function replaces(waiting, item)
	for i = #waiting, 1, -1 do
		if waiting[i].stanza.attr.to == item.stanza.attr.to and waiting[i].stanza.name == "presence" then
			local is_found = is_update(waiting[i].stanza);
			if is_found then
				waiting[i] = item;
			end
			return is_found;
		end
	end
	return false;
end

local function refuse(person, stanza, kind, condition, text)
	if stanza.attr.type ~= "error" then
		person.session.send(st.error_reply(stanza, kind, condition, text));
	end
end

local function share(person, stanza)
	local bytes = #tostring(stanza);
	local item = { stanza = stanza, counts = counts_of(stanza, bytes) };
	if bytes > shared_bytes then
		refuse(person, stanza, "modify", "not-acceptable", "Too long");
	elseif turns.send_now(person, item) then
		return;
	elseif #person.waiting < most_waiting then
		turns.wait(person, item);
	elseif not (is_update(stanza) and replaces(person.waiting, item)) then
		refuse(person, stanza, "wait", "resource-constraint", "Too much at once");
	end
end

-- Somebody leaves: what he still had to say in that room is of no use.
local function forget(person, room)
	for i = #person.waiting, 1, -1 do
		if jid.bare(person.waiting[i].stanza.attr.to) == room then
			table.remove(person.waiting, i);
		end
	end
end

local function put_out(person, reason)
	local session = person.session;
	person.is_out, person.waiting = true, {};
	module:log("warn", "%s (%s) is put out: %s", session.full_jid or "A session", session.ip, reason);
	session:close({ condition = "policy-violation", text = reason });
end

-- Answers to what this server asks, and what stream management counts: many in a big room, and each for one receiver.
local function is_answer(stanza)
	local kind = stanza.attr.type;
	return stanza.name == "iq" and (kind == "result" or kind == "error") or stanza.name == "a" or stanza.name == "r";
end

-- Counts a stanza; why the person is put out, nil where it goes on.
local function too_many(person, stanza)
	if is_answer(stanza) then
		return not person.answers:poll(1) and "Too many answers" or nil;
	elseif not person.stanzas:poll(1) then
		return "Too many stanzas";
	end
	local sent = person.stanzas.max - person.stanzas.balance;
	if not address_of(person.session):poll(1) and sent > FAIR_STANZAS then
		return "Too many stanzas from this address";
	end
	return nil;
end

-- What of a stanza goes on at once.
local function sort(person, stanza)
	local to = stanza.attr.to;
	if person.session.type ~= "c2s" or not to or stanza.name == "iq" then
		return stanza;
	elseif stanza.name == "presence" and stanza.attr.type == "unavailable" then
		forget(person, jid.bare(to));
		return stanza;
	end
	share(person, stanza);
	return nil;
end

local function on_stanza(person, stanza)
	local session = person.session;
	if session.type == "c2s" and not hosts:contains(session.host) then
		return stanza;
	end
	local reason = not person.is_out and too_many(person, stanza);
	if reason then
		put_out(person, reason);
	end
	if person.is_out then
		return nil;
	end
	return sort(person, stanza);
end

local function watch(session)
	if not session.type:find("^c2s") then
		return;
	end
	people[session] = {
		session = session,
		waiting = {},
		shared = throttle.create(shared_at_once, shared_at_once / shared_per_second),
		stanzas = throttle.create(stanzas_at_once, stanzas_at_once / stanzas_per_second),
		answers = throttle.create(stanzas_at_once, stanzas_at_once / (2 * stanzas_per_second)),
	};
	-- After stream management has counted it (priority 999).
	filters.add_filter(session, "stanzas/in", function (stanza)
		return on_stanza(people[session], stanza);
	end, -100);
end

-- A session that goes on over another connection (XEP-0198): what it has sent counts, and what waits still goes on.
module:hook("c2s-session-updated", function (event)
	local before, person = people[event.session], people[event.from_session];
	if before then
		people[event.from_session] = before;
	elseif person then
		person.session = event.session;
	end
end);

function module.load()
	filters.add_filter_hook(watch);
end

function module.unload()
	filters.remove_filter_hook(watch);
end
