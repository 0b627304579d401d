-- Whether a token (JWT, RFC 7519) is good, and what it says. Written by Audio Meet; changes here are overwritten.
--
-- Whatever is not known to be right is wrong: each check has to say yes, and an error on the way is a no.

local json = require "prosody.util.json";
local base64 = require "prosody.util.encodings".base64;
local nodeprep = require "prosody.util.encodings".stringprep.nodeprep;

-- nginx takes no longer line of a request than this (large_client_header_buffers), and identity providers stay below.
local LONGEST_TOKEN = 8192;
-- How far the clocks of an issuer and of this server may be apart, in seconds.
local CLOCK_SKEW = 60;
-- Kinds of tokens that say who somebody is. A logout token, for one, is signed with the same key and is none.
local TYPES = { ["jwt"] = true, ["at+jwt"] = true, ["application/at+jwt"] = true };

local function header_of(token)
	local part = token:match("^([A-Za-z0-9_-]+)%.[A-Za-z0-9_-]+%.[A-Za-z0-9_-]+$");
	if not part then
		return nil;
	end
	local done, header = pcall(function ()
		return json.decode(base64.decode(part:gsub("[-_]", { ["-"] = "+", ["_"] = "/" }) .. ("="):rep(-#part % 4)));
	end);
	return done and type(header) == "table" and header or nil;
end

local function is_one_of(value, list)
	if type(value) ~= "string" then
		return false;
	end
	for _, accepted in ipairs(list) do
		if accepted == "*" or accepted == value then
			return true;
		end
	end
	return false;
end

-- The claim is one text or a list of them, of which one has to be accepted (RFC 7519, section 4.1.3).
local function is_meant(audience, list)
	if type(audience) ~= "table" then
		return is_one_of(audience, list);
	end
	for _, one in ipairs(audience) do
		if is_one_of(one, list) then
			return true;
		end
	end
	return false;
end

-- A claim by its name, or by a path of names with dots between them; a name may itself have dots in it.
local function claim_at(claims, path)
	if type(claims) ~= "table" then
		return nil;
	end
	local value = rawget(claims, path);
	local dot = path:find(".", 1, true);
	while value == nil and dot do
		value = claim_at(rawget(claims, path:sub(1, dot - 1)), path:sub(dot + 1));
		dot = path:find(".", dot + 1, true);
	end
	return value;
end

local function says(value, wanted)
	if wanted == nil then
		return value == true or value == "true";
	elseif type(value) == "table" then
		for _, one in ipairs(value) do
			if one == wanted then
				return true;
			end
		end
		return false;
	end
	return value == wanted;
end

-- Why a token is not good at this time, or nil.
local function untimely(claims, rules, now)
	if claims.exp == nil and rules.needs_expiry then
		return "it has no exp";
	elseif claims.exp ~= nil and (type(claims.exp) ~= "number" or not (now < claims.exp + CLOCK_SKEW)) then
		return "its exp is over";
	elseif claims.nbf ~= nil and (type(claims.nbf) ~= "number" or not (now >= claims.nbf - CLOCK_SKEW)) then
		return "its nbf is not reached";
	end
	return nil;
end

-- The room that a token opens in the spelling of addresses, "*" for every room; or nil and why there is none.
local function room_of(claims, rules)
	if claims.room == nil then
		return rules.needs_room == false and "*" or nil, "it has no room";
	elseif type(claims.room) ~= "string" then
		return nil, "its room is no text";
	end
	local room = claims.room == "*" and "*" or nodeprep(claims.room);
	return room and room ~= "" and room or nil, "its room is none";
end

local function wrong_claims(claims, rules, now)
	if type(claims.sub) ~= "string" then
		return "it has no sub";
	elseif rules.domain and claims.sub ~= "*" and claims.sub:lower() ~= rules.domain then
		return "its sub is not the domain";
	elseif not is_one_of(claims.iss, rules.issuers) then
		return "its iss is not accepted";
	elseif not is_meant(claims.aud, rules.audiences) then
		return "its aud is not accepted";
	end
	return untimely(claims, rules, now);
end

-- Looks at a token.
-- @param find_key function (kid, algorithm) → function that verifies a token, or nil and why there is none
-- @param rules    issuers, audiences: lists of texts, "*" for any; domain: what sub must be, nil for any text; needs_room and
--                 needs_expiry: booleans; moderator_claim, moderator_value: where a token says that somebody moderates, and the
--                 text that says so, nil for true; name_claim: where it says how somebody is called
-- @param now      seconds since 1970
-- @return { claims, room, is_moderator, name }, or nil and why
local function check(token, find_key, rules, now)
	if type(token) ~= "string" or #token > LONGEST_TOKEN then
		return nil, "it is too long";
	end
	local header = header_of(token);
	if not header then
		return nil, "it is no JWT";
	elseif header.crit ~= nil then
		return nil, "it has extensions that are critical";
	elseif header.typ ~= nil and not (type(header.typ) == "string" and TYPES[header.typ:lower()]) then
		return nil, "its typ is that of something else";
	end
	local verify, reason = find_key(header.kid, header.alg);
	if not verify then
		return nil, reason;
	end
	local done, is_signed, claims = pcall(verify, token);
	if not done or is_signed ~= true or type(claims) ~= "table" then
		return nil, "its signature is wrong";
	end
	local room, no_room = room_of(claims, rules);
	local wrong = wrong_claims(claims, rules, now) or not room and no_room;
	if wrong then
		return nil, wrong;
	end
	local name = claim_at(claims, rules.name_claim);
	return {
		claims = claims,
		room = room,
		is_moderator = says(claim_at(claims, rules.moderator_claim), rules.moderator_value),
		name = type(name) == "string" and name or nil,
	};
end

return { check = check };
