-- The same as cjson, with errors as a second result beside nil. Written by Audio Meet; changes here are overwritten.

local cjson = require "cjson";

local function safe(action)
	return function (...)
		local done, result = pcall(action, ...);
		if done then
			return result;
		end
		return nil, result;
	end
end

return { encode = safe(cjson.encode), decode = safe(cjson.decode), null = cjson.null, _NAME = "cjson.safe", _VERSION = cjson._VERSION };
