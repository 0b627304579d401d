-- The text of a stanza with a place for its receiver. Written by Audio Meet; changes here are overwritten.
--
-- A shot is a stanza with its text before and after the receiver, and with notes of all that is in it: a filter of another module may
-- write into the stanza that it was to look at, and then the text is not the stanza's any more.

local id = require "prosody.util.id";
local st = require "prosody.util.stanza";
local xml = require "prosody.util.xml";

local XMLNS = "jabber:client";
-- In place of the receiver. Nobody outside can know it.
local PLACE = "to-" .. id.long();

-- A stanza as a websocket writes it, without the children that `is_left_out` picks.
local function written(stanza, to, is_left_out)
	local copy = st.clone(stanza, true);
	if is_left_out then
		for _, child in ipairs(stanza) do
			if not is_left_out(child) then
				copy[#copy + 1] = child;
			end
		end
	else
		table.move(stanza, 1, #stanza, 1, copy);
	end
	copy.attr.to, copy.attr.xmlns = to or stanza.attr.to, stanza.attr.xmlns or XMLNS;
	return tostring(copy);
end

-- Adds an element and those in it to a list of notes: the element, its name, the number of its attributes, these with their values, the
-- number of its children, and these. A list of its own for each element would take longer to look through.
local function note(element, notes)
	local at, attributes = #notes + 4, 0;
	notes[at - 3], notes[at - 2], notes[at - 1] = element, element.name, 0;
	for name, value in pairs(element.attr) do
		notes[at], notes[at + 1] = name, value;
		at, attributes = at + 2, attributes + 1;
	end
	notes[at - 2 * attributes - 1] = attributes;
	notes[at] = #element;
	for i = 1, #element do
		notes[at + i] = element[i];
	end
	for _, child in ipairs(element.tags) do
		note(child, notes);
	end
	return notes;
end

-- Whether all that was noted up to a place in the list is still so.
local function is_as_noted(notes, last)
	local at = 1;
	while at <= last do
		local element, left = notes[at], notes[at + 2];
		local attr = element.attr;
		if element.name ~= notes[at + 1] then
			return false;
		end
		at = at + 3;
		for _ = 1, left do
			if attr[notes[at]] ~= notes[at + 1] then
				return false;
			end
			at = at + 2;
		end
		for _ in next, attr do
			left = left - 1;
		end
		if left ~= 0 or #element ~= notes[at] then
			return false;
		end
		for i = 1, notes[at] do
			if element[i] ~= notes[at + i] then
				return false;
			end
		end
		at = at + notes[at] + 1;
	end
	return true;
end

-- nil where the receiver has no place of his own in the text.
local function split(text)
	local from, to = text:find(PLACE, 1, true);
	if not from or text:find(PLACE, to + 1, true) then
		return nil;
	end
	return { head = text:sub(1, from - 1), tail = text:sub(to + 1) };
end

-- `texts`: the whole one, and one without what is left out, once somebody receives it. `kept`: what streams keep of either.
local function shot_of(stanza, kind)
	local whole = split(written(stanza, PLACE));
	if not whole then
		return nil;
	end
	-- Its receiver changes each time.
	local to = stanza.attr.to;
	stanza.attr.to = PLACE;
	local notes = note(stanza, {});
	stanza.attr.to = to;
	local attributes = notes[3];
	local top = 4 + 2 * attributes + #stanza;
	return { stanza = stanza, kind = kind, notes = notes, top = top, texts = { whole = whole }, kept = {} };
end

-- Nobody has touched its stanza, but for the receiver. `is_brief`: a look at its attributes and at which children it has.
local function is_unchanged(shot, is_brief)
	local attr = shot.stanza.attr;
	local to = attr.to;
	attr.to = PLACE;
	local is_same = is_as_noted(shot.notes, is_brief and shot.top or #shot.notes);
	attr.to = to;
	return is_same;
end

-- The text for a receiver.
local function spliced(shot, to, is_left_out)
	local text = shot.texts[is_left_out or "whole"];
	if not text then
		text = split(written(shot.stanza, PLACE, is_left_out));
		shot.texts[is_left_out] = text;
	end
	return text.head .. st.xml_escape(to) .. text.tail;
end

-- What an element says; the order of attributes is no part of it.
local function said(element)
	local names, words = {}, { element.name };
	for name in pairs(element.attr) do
		names[#names + 1] = name;
	end
	table.sort(names);
	for _, name in ipairs(names) do
		words[#words + 1] = ("%q=%q"):format(name, element.attr[name]);
	end
	for _, child in ipairs(element) do
		words[#words + 1] = type(child) == "string" and ("%q"):format(child) or said(child);
	end
	return "(" .. table.concat(words, " ") .. ")";
end

local function is_same(one, other)
	local first, second = xml.parse(one), xml.parse(other);
	return first ~= nil and second ~= nil and said(first) == said(second);
end

return { written = written, shot_of = shot_of, is_unchanged = is_unchanged, spliced = spliced, is_same = is_same };
