-- JSON as Jitsi's modules ask for it: the interface of lua-cjson 2.1 over Prosody's own util.json. Written by Audio Meet;
-- changes here are overwritten.
--
-- lua-cjson itself is a library in C, and a server has it for the Lua versions of its release, not for Prosody's. What differs
-- between the two is settled here as lua-cjson does it: arrays come as plain tables, null is no table, a table whose keys are
-- 1, 2, … is an array and an empty one an object, numbers have 14 digits, and what JSON cannot say is an error.

local json = require "prosody.util.json";

local concat, floor, huge, find, gsub = table.concat, math.floor, math.huge, string.find, string.gsub;
local is_integer = math.type and function (number) return math.type(number) == "integer"; end or function () return false; end

-- As in lua-cjson: how deep structures may be, and from where on a table with gaps is no array (encode_max_depth,
-- decode_max_depth; encode_sparse_array: ratio and safe).
local MOST_DEPTH, GAP_RATIO, GAPS_ALLOWED = 1000, 2, 10;

-- Whoever asks for the type must not be told "table"; in lua-cjson it is userdata, which Lua itself cannot make.
local function null() end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" };

local function escape(character)
	return ESCAPES[character] or ("\\u%04x"):format(character:byte());
end

local TO_ESCAPE = '[%c"\\\127]';

local function quoted(text)
	return '"' .. (find(text, TO_ESCAPE) and gsub(text, TO_ESCAPE, escape) or text) .. '"';
end

local function numeral(number)
	if number ~= number or number == huge or number == -huge then
		error("Cannot serialise number: must not be NaN or Infinity", 0);
	end
	return is_integer(number) and ("%d"):format(number) or ("%.14g"):format(number);
end

-- The length of a table that is an array; nil for an object, which an empty table is as well.
local function length(value)
	local last, items = 0, 0;
	for key in next, value do
		if type(key) ~= "number" or key < 1 or key ~= floor(key) then
			return nil;
		end
		last, items = key > last and key or last, items + 1;
	end
	if last > GAPS_ALLOWED and last > items * GAP_RATIO then
		error("Cannot serialise table: excessively sparse array", 0);
	end
	return items > 0 and last or nil;
end

local append;

local function append_array(out, value, last, depth)
	out[#out + 1] = "[";
	for i = 1, last do
		if i > 1 then
			out[#out + 1] = ",";
		end
		local item = rawget(value, i);
		append(out, item == nil and null or item, depth);
	end
	out[#out + 1] = "]";
end

local function append_object(out, value, depth)
	out[#out + 1] = "{";
	local is_first = true;
	for key, item in next, value do
		if not is_first then
			out[#out + 1] = ",";
		end
		is_first = false;
		if type(key) == "number" then
			key = numeral(key);
		elseif type(key) ~= "string" then
			error("Cannot serialise table: table key must be a number or string", 0);
		end
		out[#out + 1] = quoted(key) .. ":";
		append(out, item, depth);
	end
	out[#out + 1] = "}";
end

function append(out, value, depth)
	local kind = type(value);
	if kind == "string" then
		out[#out + 1] = quoted(value);
	elseif kind == "number" then
		out[#out + 1] = numeral(value);
	elseif kind == "boolean" then
		out[#out + 1] = tostring(value);
	elseif value == nil or value == null or value == json.null then
		out[#out + 1] = "null";
	elseif kind ~= "table" then
		error("Cannot serialise " .. kind .. ": type not supported", 0);
	elseif depth >= MOST_DEPTH then
		error("Cannot serialise, excessive depth (" .. depth + 1 .. ")", 0);
	else
		local last = length(value);
		if last then
			append_array(out, value, last, depth + 1);
		else
			append_object(out, value, depth + 1);
		end
	end
end

-- Prosody's parser goes as deep as the text says. Brackets inside of strings count as well, which no honest text comes near.
local function refuse_depth(text)
	local depth = 0;
	for bracket in text:gmatch("[%[%]{}]") do
		depth = depth + ((bracket == "[" or bracket == "{") and 1 or -1);
		if depth > MOST_DEPTH then
			error("Found too many nested data structures (" .. depth .. ")", 0);
		end
	end
end

-- Prosody's arrays have methods, which would be found under the name of any key; its null is a table. A key that is no
-- text comes from "__hash" alone, a habit of Prosody's that is not JSON.
local function plain(value)
	if value == json.null then
		return null;
	elseif type(value) ~= "table" then
		return value;
	end
	local is_array, copy = getmetatable(value) ~= nil, {};
	for key, item in next, value do
		if is_array or type(key) == "string" then
			copy[key] = plain(item);
		end
	end
	return copy;
end

local cjson = { null = null, _NAME = "cjson", _VERSION = "2.1.0" };

-- @return the text; raises an error where JSON cannot say the value
function cjson.encode(value)
	local out = {};
	append(out, value, 0);
	return concat(out);
end

-- @return the value, null in place of nil; raises an error where the text is not JSON
function cjson.decode(text)
	if type(text) == "number" then
		text = tostring(text);
	elseif type(text) ~= "string" then
		error("bad argument #1 to 'decode' (string expected, got " .. type(text) .. ")", 0);
	end
	refuse_depth(text);
	local value, trouble = json.decode(text);
	if value == nil then
		error(type(trouble) == "string" and trouble or "Expected value", 0);
	end
	return plain(value);
end

return cjson;
