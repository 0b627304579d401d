-- What Jitsi's module of visitors asks for under this name: a value as text, for its log. Written by Audio Meet; changes here are
-- overwritten.

local function text_of(value, depth)
	if type(value) ~= "table" or depth == 0 then
		return tostring(value);
	end
	local parts = {};
	for key, part in pairs(value) do
		parts[#parts + 1] = ("%s = %s"):format(tostring(key), text_of(part, depth - 1));
	end
	table.sort(parts);
	return "{ " .. table.concat(parts, ", ") .. " }";
end

return function (value)
	return text_of(value, 3);
end
