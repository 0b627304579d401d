-- Audio only: participants cannot announce video. Written by Audio Meet; changes here are overwritten.
--
-- Loaded on the hosts of the participants, and on no other. Out of each Jingle stanza by which jicofo learns of somebody's
-- sources it takes every source, and every group of sources, that is not plainly audio. Everything else passes as it is.
--
-- jicofo's parser is generous: it walks through elements it does not know as if they were not there, lets an element end
-- at the first end tag of the same name in any namespace, reads attributes by their local names, and accepts a source
-- beside a description as well as inside. So nothing is searched for that looks like video. A source stays where
-- jingle > content "audio" > description "audio" > source is all that can be read; a stanza in which these elements stand
-- in any other order keeps no source at all.

local NS_JINGLE = "urn:xmpp:jingle:1";
local NS_RTP = "urn:xmpp:jingle:apps:rtp:1";

-- Actions in which jicofo reads sources; "addsource" is the old name of "source-add".
local ANNOUNCING = {
	["session-accept"] = true,
	["transport-accept"] = true,
	["source-add"] = true,
	["addsource"] = true,
};

local SOURCES = { ["source"] = true, ["ssrc-group"] = true, ["rid-group"] = true };

-- Whether the attribute has that value and no other namespace has an attribute of the same name.
-- Prosody's key for an attribute in a namespace is the namespace, "\1" and the name.
local function plainly(element, key, value)
	if element.attr[key] ~= value then
		return false;
	end
	local suffix = "\1" .. key;
	for name in pairs(element.attr) do
		if name:sub(-#suffix) == suffix then
			return false;
		end
	end
	return true;
end

local function is_audio(description, content)
	return content.attr.xmlns == NS_JINGLE and plainly(content, "name", "audio")
		and description.attr.xmlns == NS_RTP and plainly(description, "media", "audio");
end

-- Takes down what an element below a parent tells about the stanza.
local function note(seen, parent, element, depth)
	local name = element.name;
	if name == "jingle" then
		seen.jingles = seen.jingles + 1;
		seen.announces = seen.announces or ANNOUNCING[element.attr.action] or false;
	elseif name == "content" then
		-- jingle > group lists contents by name; those are empty.
		local listed = parent.name == "group" and depth == 3 and #element.tags == 0;
		seen.odd = seen.odd or not (listed or parent.name == "jingle" and depth == 2);
	elseif name == "description" then
		seen.odd = seen.odd or parent.name ~= "content" or depth ~= 3 or seen.described[parent] or false;
		seen.described[parent] = true;
		seen.audio[element] = is_audio(element, parent);
	elseif SOURCES[name] then
		seen.holders[parent] = true;
		-- The members of a group belong to what the group belongs to.
		if name ~= "source" then
			seen.audio[element] = seen.audio[parent] or false;
		end
	end
end

-- One look at every element, without recursion: a stanza may be as deep as it may be long.
local function look(stanza)
	local seen = { jingles = 0, announces = false, odd = false, described = {}, audio = {}, holders = {} };
	local elements, depths, open = { stanza }, { 0 }, 1;
	while open > 0 do
		local parent, depth = elements[open], depths[open] + 1;
		elements[open], depths[open] = nil, nil;
		open = open - 1;
		for _, element in ipairs(parent.tags) do
			note(seen, parent, element, depth);
			open = open + 1;
			elements[open], depths[open] = element, depth;
		end
	end
	seen.odd = seen.odd or seen.jingles > 1;
	return seen;
end

-- Takes the sources out of one element, in one pass whatever their number; returns how many.
local function empty(element)
	local tags, kept, kept_tags, taken = element.tags, 0, 0, 0;
	for i = 1, #element do
		local child = element[i];
		element[i] = nil;
		local is_element = type(child) == "table";
		if is_element and SOURCES[child.name] then
			taken = taken + 1;
		else
			kept = kept + 1;
			element[kept] = child;
			if is_element then
				kept_tags = kept_tags + 1;
				tags[kept_tags] = child;
			end
		end
	end
	for i = #tags, kept_tags + 1, -1 do
		tags[i] = nil;
	end
	return taken;
end

-- Takes what is not audio out of a stanza; returns the number of sources and groups that were in it.
local function clean(stanza)
	local seen = look(stanza);
	if not seen.announces then
		return 0;
	end
	local taken = 0;
	for holder in pairs(seen.holders) do
		if seen.odd or not seen.audio[holder] then
			taken = taken + empty(holder);
		end
	end
	return taken;
end

local function on_iq(event)
	local session = event.origin;
	local taken = clean(event.stanza);
	if taken > 0 and not session.audio_only_told then
		session.audio_only_told = true; -- one line a session, however often it tries
		module:log("info", "%s announced %d sources or groups that are not audio: taken out, as all that follow",
			session.full_jid or "a session", taken);
	end
end

-- Before anything else sees what a session of this host sends, wherever it goes: to jicofo as an occupant of a room,
-- to its account, or through the client proxy.
for _, to in ipairs { "full", "bare", "host" } do
	module:hook("pre-iq/" .. to, on_iq, 1000);
end
