-- Public keys of token issuers: a key of a JWKS (RFC 7517) or in PEM form becomes what verifies with it, for the algorithms
-- of its kind and for no other. Written by Audio Meet; changes here are overwritten.

local jwt = require "prosody.util.jwt";
local base64 = require "prosody.util.encodings".base64;

-- The algorithms of a kind of key: none of them works with a secret, and there is none without a signature.
local RSA = { RS256 = true, RS384 = true, RS512 = true, PS256 = true, PS384 = true, PS512 = true };
local P256 = { ES256 = true };

-- RFC 7518, section 3.3: at least 2048 bits. Nobody has more than 8192, and each bit more costs time at every login.
local RSA_BYTES_LEAST, RSA_BYTES_MOST, EXPONENT_BYTES_MOST = 256, 1024, 8;
local P256_BYTES = 32;
-- What stands around the modulus: algorithm, exponent, lengths.
local PEM_BYTES_MOST = 64;
local LONGEST_VALUE, LONGEST_ID = 2000, 500;

-- rsaEncryption with its NULL, and id-ecPublicKey with prime256v1 (RFC 8017, RFC 5480), in DER.
local RSA_ALGORITHM = "\48\13\6\9\42\134\72\134\247\13\1\1\1\5\0";
local P256_ALGORITHM = "\48\19\6\7\42\134\72\206\61\2\1\6\8\42\134\72\206\61\3\1\7";
local INTEGER, BIT_STRING, SEQUENCE = 2, 3, 48;

-- The bytes of base64url without padding (RFC 7515, section 2), or nil.
local function bytes_of(text)
	if type(text) ~= "string" or #text > LONGEST_VALUE or #text % 4 == 1 or not text:find("^[A-Za-z0-9_-]+$") then
		return nil;
	end
	return base64.decode(text:gsub("[-_]", { ["-"] = "+", ["_"] = "/" }) .. ("="):rep(-#text % 4));
end

local function der(tag, content)
	local size = #content;
	if size < 128 then
		return string.char(tag, size) .. content;
	elseif size < 256 then
		return string.char(tag, 129, size) .. content;
	end
	return string.char(tag, 130, math.floor(size / 256), size % 256) .. content;
end

local function der_integer(bytes)
	return der(INTEGER, (bytes:byte(1) >= 128 and "\0" or "") .. bytes);
end

-- SubjectPublicKeyInfo (RFC 5280, section 4.1) in PEM form.
local function pem(algorithm, key)
	local text = base64.encode(der(SEQUENCE, algorithm .. der(BIT_STRING, "\0" .. key)));
	return "-----BEGIN PUBLIC KEY-----\n" .. text:gsub(("."):rep(64), "%0\n") .. "\n-----END PUBLIC KEY-----\n";
end

local function rsa(key)
	local modulus, exponent = bytes_of(key.n), bytes_of(key.e);
	if not modulus or not exponent then
		return nil;
	end
	modulus, exponent = modulus:gsub("^\0+", ""), exponent:gsub("^\0+", "");
	local is_sound = #modulus >= RSA_BYTES_LEAST and #modulus <= RSA_BYTES_MOST and exponent ~= "\1"
		and #exponent >= 1 and #exponent <= EXPONENT_BYTES_MOST and exponent:byte(-1) % 2 == 1;
	return is_sound and pem(RSA_ALGORITHM, der(SEQUENCE, der_integer(modulus) .. der_integer(exponent))) or nil;
end

-- Whether the point is on the curve is for the import of the key to say.
local function p256(key)
	local x, y = bytes_of(key.x), bytes_of(key.y);
	local is_sound = key.crv == "P-256" and x and y and #x == P256_BYTES and #y == P256_BYTES;
	return is_sound and pem(P256_ALGORITHM, "\4" .. x .. y) or nil;
end

-- @return a table algorithm → function that verifies a token with the key; nil where the key cannot be read
local function verifiers(text, algorithms)
	local made = {};
	for algorithm in pairs(algorithms) do
		-- The time is looked at elsewhere, where clocks may differ a little.
		local done, verify = pcall(jwt.new_verifier, algorithm, text, { accept_expired = true });
		if not done then
			return nil;
		end
		made[algorithm] = verify;
	end
	return made;
end

local function is_for_signatures(key)
	if key.use ~= nil and key.use ~= "sig" then
		return false;
	end
	if type(key.key_ops) ~= "table" then
		return key.key_ops == nil;
	end
	for _, operation in ipairs(key.key_ops) do
		if operation == "verify" then
			return true;
		end
	end
	return false;
end

-- What a key of a JWKS verifies, or nil: a key of another kind or purpose, a weak one, or no key at all.
local function of_jwk(key)
	if type(key) ~= "table" or type(key.kid) ~= "string" or #key.kid > LONGEST_ID or not is_for_signatures(key) then
		return nil;
	end
	local text, algorithms;
	if key.kty == "RSA" then
		text, algorithms = rsa(key), RSA;
	elseif key.kty == "EC" then
		text, algorithms = p256(key), P256;
	end
	if text and key.alg ~= nil then
		algorithms = algorithms[key.alg] and { [key.alg] = true } or {};
	end
	return text and next(algorithms) and verifiers(text, algorithms) or nil;
end

-- The keys of a JWKS that verify signatures: id → algorithm → function; and their number. Nil where it is no JWKS.
local function of_jwks(document)
	if type(document) ~= "table" or type(document.keys) ~= "table" then
		return nil;
	end
	local found, count = {}, 0;
	for _, key in ipairs(document.keys) do
		local made = of_jwk(key);
		if made then
			count = count + 1;
			found[key.kid] = found[key.kid] or {};
			for algorithm, verify in pairs(made) do
				found[key.kid][algorithm] = verify;
			end
		end
	end
	return found, count;
end

-- What a public key in PEM form verifies, which has to be as strong as one of a JWKS; nil for any other text.
local function of_rsa_pem(text)
	local body = text:match("^%s*%-%-%-%-%-BEGIN PUBLIC KEY%-%-%-%-%-%s+([A-Za-z0-9+/=%s]+)%-%-%-%-%-END PUBLIC KEY%-%-%-%-%-%s*$");
	local bytes = body and base64.decode((body:gsub("%s", "")));
	local is_sound = bytes and #bytes > RSA_BYTES_LEAST and #bytes < RSA_BYTES_MOST + PEM_BYTES_MOST;
	return is_sound and verifiers(text, { RS256 = true }) or nil;
end

return {
	of_jwks = of_jwks,
	of_rsa_pem = of_rsa_pem,
	of_secret = function (text) return verifiers(text, { HS256 = true }); end,
};
