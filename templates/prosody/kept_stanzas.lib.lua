-- What stream management (XEP-0198) keeps of what goes to everybody. Written by Audio Meet; changes here are overwritten.
--
-- mod_smacks clones each stanza, with all that is in it, for each receiver, and keeps it until that one acknowledges it. Here the
-- receivers share what is inside: each has the outermost element, and the delay that mod_smacks adds, of his own. The queue, its bound
-- and the acknowledgements stay those of mod_smacks.

local datetime = require "prosody.util.datetime";
local jid = require "prosody.util.jid";
local queues = require "prosody.util.queue";
local smqueue = require "prosody.util.smqueue";
local st = require "prosody.util.stanza";

local texts = module:require "stanza_texts";

local XMLNS_DELAY = "urn:xmpp:delay";

-- One that waits for its next connection is left to mod_smacks.
local function can_keep(session)
	return session.conn ~= nil and not session.hibernating and session.outgoing_stanza_queue ~= nil;
end

-- mod_smacks of a host -> its count of what is kept.
local counts = setmetatable({}, { __mode = "k" });

local function count(host)
	local smacks = prosody.hosts[host].modules.smacks;
	if smacks then
		counts[smacks] = counts[smacks] or smacks.module:measure("tx_queued_stanzas", "counter");
		counts[smacks](1);
	end
end

local function without(stanza, is_left_out)
	return is_left_out and stanza:maptags(function (child) return not is_left_out(child) and child or nil; end) or stanza;
end

-- What all receivers of a shot share.
local function inside_of(shot, is_left_out)
	local shared = shot.kept[is_left_out or "whole"];
	if not shared then
		local stanza = without(st.clone(shot.stanza), is_left_out);
		shared = { stanza = stanza, is_delayed = stanza:get_child("delay", XMLNS_DELAY) ~= nil };
		shot.kept[is_left_out or "whole"] = shared;
	end
	return shared;
end

-- As mod_smacks would make it.
local function item_of(session, to, shot, is_left_out)
	local shared = inside_of(shot, is_left_out);
	local inside = shared.stanza;
	local item = st.clone(inside, true);
	item.attr.to = to;
	table.move(inside, 1, #inside, 1, item);
	table.move(inside.tags, 1, #inside.tags, 1, item.tags);
	if not shared.is_delayed then
		item:tag("delay", { xmlns = XMLNS_DELAY, from = jid.bare(session.full_jid), stamp = datetime.datetime() });
	end
	return item;
end

-- Sessions that share something with others.
local sharing = setmetatable({}, { __mode = "k" });

local function keep(session, to, shot, is_left_out)
	sharing[session] = true;
	session.outgoing_stanza_queue:push(item_of(session, to, shot, is_left_out));
	count(session.host);
end

local function undated(stanza)
	return (texts.written(stanza):gsub(" stamp='[^']*'", ""));
end

-- Has mod_smacks keep a stanza by its own filter; whether it keeps the same as would have been kept here.
local function is_kept_alike(session, to, shot, is_left_out, own, stanza)
	own(stanza, session);
	local last;
	for _, item in session.outgoing_stanza_queue:resume() do
		last = item;
	end
	return last ~= nil and texts.is_same(undated(without(last, is_left_out)), undated(item_of(session, to, shot, is_left_out)));
end

-- Before what was kept goes out over another connection each has all of it for himself: filters of other modules may write into it.
module:hook_global("c2s-session-updated", function (event)
	local queue = sharing[event.session] and event.session.outgoing_stanza_queue;
	if queue then
		local items = queues.new(queue._queue.size, true);
		for _, item in queue._queue:items() do
			items:push(st.clone(item));
		end
		queue._queue = items;
	end
end);

-- Before anybody is there: the queues of mod_smacks are as they are expected.
local function works()
	local queue = smqueue.new(2);
	for number = 1, 3 do
		queue:push(number);
	end
	local left = {};
	for _, item in queue:resume() do
		left[#left + 1] = item;
	end
	return queue._queue.size == 2 and queue._queue:count() == 2 and left[1] == 2 and left[2] == 3 and not queue:resumable();
end

return { can_keep = can_keep, keep = keep, is_kept_alike = is_kept_alike, works = works };
