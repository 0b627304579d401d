-- What one address may have, however many people sit behind it. Written by Audio Meet; changes here are overwritten.

local cache = require "prosody.util.cache";
local ip = require "prosody.util.ip";
local throttle = require "prosody.util.throttle";

-- Addresses that are remembered. Who is forgotten begins anew: the one that was heard of least lately goes first.
local MOST_ADDRESSES = 10000;

-- A household has a whole IPv6 network (/64).
local function network_of(address)
	-- IPv4 as an IPv6 socket writes it.
	local parsed = ip.new_ip((address or ""):match("^::[fF]+:([%d.]+)$") or address or "");
	if not parsed then
		return "unknown";
	elseif parsed.proto == "IPv6" then
		return ip.truncate(parsed, 64).normal;
	end
	return parsed.normal;
end

-- A count for each address: so many at once, and so many a second for ever. Kept in a table that the caller may share.
local function counts(kept, at_once, per_second)
	kept.addresses = kept.addresses or cache.new(MOST_ADDRESSES);
	return function (session)
		local network = network_of(session.ip);
		local count = kept.addresses:get(network) or throttle.create(at_once, at_once / per_second);
		-- Also moves it to where it is forgotten last.
		kept.addresses:set(network, count);
		return count;
	end
end

return { counts = counts, network_of = network_of };
