-- Where the keys of token issuers come from: a secret, a JWKS at a URL, or a server with a file for each key. Written by
-- Audio Meet; changes here are overwritten.
--
-- A function that finds a key is made of each: (kid, algorithm, session) → function that verifies a token, or nil and why there is none.
-- Those that ask a server wait for it, and are called where Prosody can wait.

local async = require "prosody.util.async";
local cache = require "prosody.util.cache";
local hashes = require "prosody.util.hashes";
local http = require "prosody.net.http";
local json = require "prosody.util.json";
local throttle = require "prosody.util.throttle";
local timer = require "prosody.util.timer";
local now = require "prosody.util.time".monotonic;

local by_address = module:require "source_address".counts;
local keys = module:require "token_keys";

local ANSWER_SECONDS, LONGEST_ANSWER = 10, 1048576;
-- Prosody reads from an HTTP server until nothing is left for the moment: with a fast one that may be never, and nothing else runs
-- meanwhile. With a size it takes as much at a time.
local PIECE_BYTES = 16384;
-- How long a JWKS is good for: as its server says, between these. Without a word of it: an hour.
local JWKS_SECONDS, JWKS_SECONDS_LEAST, JWKS_SECONDS_MOST = 3600, 300, 21600;
-- An id that is not known asks anew, but not sooner than this after the last time: anybody can make one up.
local UNKNOWN_SECONDS = 30;
-- After no answer Prosody asks again by itself, and a login whose key it has not asks sooner.
local RETRY_SECONDS, FAILED_SECONDS = 30, 5;
-- A server that does not answer is lived without for a day; then its keys may have been withdrawn for too long.
local STALE_SECONDS = 86400;
-- Of a key server: how long a key is good for, how long one that is not there is not asked for again, how many are asked for.
local KEY_SECONDS = module:get_option_number("token_key_seconds", 3600);
local MISSING_SECONDS, KEYS_KEPT = 60, 1000;
local KEYS_ASKED, KEYS_ASKED_SECONDS, LONGEST_ID = 100, 10, 500;
-- Of that one address: an issuer has two keys at a time.
local ADDRESS_KEYS, ADDRESS_KEYS_SECONDS = 10, 100;

-- Takes an answer that comes in pieces, and ends it when it gets too long: Prosody reads to its end, and drops what is over the limit.
local function bounded(too_long)
	local pieces, size = {}, 0;
	local sink = {};
	function sink:write(piece)
		size = size + #piece;
		if size > LONGEST_ANSWER then
			pieces = {};
			too_long();
			return false;
		end
		table.insert(pieces, piece);
		return true;
	end
	return sink, function (answer) answer.body = table.concat(pieces); end;
end

-- Prosody's net.http makes a connection once it has returned the request, and no option of it reaches the connection before its first read.
local function read_in_pieces(request)
	setmetatable(request, {
		__newindex = function (_, name, value)
			rawset(request, name, value);
			if name == "conn" and value then
				value:set_mode(PIECE_BYTES);
			end
		end;
	});
end

-- Asks for a document over TLS, whose certificate Prosody verifies; calls back once, with the text and the headers, or nil
-- and why there is none.
local function get(url, callback)
	local is_over, request = false, nil;
	local function finish(...)
		if not is_over then
			is_over = true;
			callback(...);
		end
	end
	local function give_up(why)
		finish(nil, why);
		if request and request.conn then
			http.destroy_request(request);
		end
	end
	if not url:find("^https://") then
		return finish(nil, "it is no https address");
	end
	timer.add_task(ANSWER_SECONDS, function () give_up(("no answer within %d s"):format(ANSWER_SECONDS)); end);
	local wish = {
		headers = { Accept = "application/json, */*" };
		streaming_handler = function () return bounded(function () give_up("the answer is too long"); end); end;
	};
	local done, trouble = pcall(function ()
		request = http.request(url, wish, function (text, code, response)
			if code == 200 and type(text) == "string" then
				return finish(text, response.headers or {});
			end
			finish(nil, code == 0 and tostring(text) or "status " .. tostring(code));
		end);
		if request then
			request.body_size_limit, request.buffer_size_limit = LONGEST_ANSWER, 2 * LONGEST_ANSWER;
			read_in_pieces(request);
		end
	end);
	if not done then
		finish(nil, tostring(trouble));
	end
end

-- Of all who ask for the same at the same time one really asks, and each of them gets the answer.
local function shared(action)
	local waiting = {};
	return function (what, callback)
		if waiting[what] then
			table.insert(waiting[what], callback);
			return;
		end
		waiting[what] = { callback };
		action(what, function (...)
			local all = waiting[what];
			waiting[what] = nil;
			for _, waiter in ipairs(all) do
				waiter(...);
			end
		end);
	end
end

-- Lets what runs here wait until an action calls back; returns what it called back with.
local function await(action, what)
	local wait, done = async.waiter();
	local result;
	action(what, function (answer)
		result = answer;
		done();
	end);
	wait();
	return result;
end

local function algorithm_of(found, algorithm)
	local verify = found[algorithm];
	if not verify then
		return nil, "its alg is not one of its key";
	end
	return verify;
end

local function by_secret(secret)
	local verifiers = keys.of_secret(secret);
	return function (_, algorithm)
		return algorithm_of(verifiers, algorithm);
	end
end

local function seconds_of(headers)
	local said = tostring(headers["cache-control"] or ""):match("max%-age=(%d+)");
	return math.min(math.max(tonumber(said) or JWKS_SECONDS, JWKS_SECONDS_LEAST), JWKS_SECONDS_MOST);
end

-- The keys of a JWKS and their number, or nil.
local function parsed(text)
	local done, found, count = pcall(function () return keys.of_jwks(json.decode(text)); end);
	return done and found or nil, count;
end

local function by_jwks(url)
	local known, is_asking, has_failed = {}, false, false;
	local asked_at, answered_at;

	-- Keeps what came; returns how many seconds to wait before the next time.
	local function take(text, headers)
		local found, count;
		if text then
			found, count = parsed(text);
		end
		has_failed = not found or count == 0;
		if not has_failed then
			known, answered_at = found, now();
			module:log("info", "%d keys of token issuers from %s", count, url);
			return seconds_of(headers);
		end
		module:log("warn", "No keys of token issuers from %s: %s", url, text and "no JWKS with a key for signatures" or headers);
		return RETRY_SECONDS;
	end

	local ask;
	ask = shared(function (_, callback)
		local this_time = now();
		is_asking, asked_at = true, this_time;
		get(url, function (text, headers)
			is_asking = false;
			module:add_timer(take(text, headers), function ()
				if asked_at == this_time then
					ask(url, function () end);
				end
			end);
			callback();
		end);
	end);

	local function lookup(kid)
		local is_fresh = answered_at and now() - answered_at < STALE_SECONDS;
		return is_fresh and known[kid] or nil;
	end

	local function may_ask()
		local pause = has_failed and FAILED_SECONDS or UNKNOWN_SECONDS;
		return is_asking or not asked_at or now() - asked_at >= pause;
	end

	module:add_timer(0, function () ask(url, function () end); end);

	return function (kid, algorithm)
		if type(kid) ~= "string" then
			return nil, "it has no kid";
		end
		if not lookup(kid) and may_ask() then
			await(ask, url);
		end
		local found = lookup(kid);
		if not found then
			return nil, answered_at and "its kid is not known" or "no key has been fetched yet";
		end
		return algorithm_of(found, algorithm);
	end
end

-- What a key server answers when it has no such key, in contrast to no answer.
local function is_withdrawn(text, trouble)
	return text ~= nil or trouble:find("^status 4") ~= nil;
end

local function by_key_server(url)
	local known, missing = cache.new(KEYS_KEPT), cache.new(KEYS_KEPT);
	local asking = throttle.create(KEYS_ASKED, KEYS_ASKED_SECONDS);
	local asking_of = by_address({}, ADDRESS_KEYS, ADDRESS_KEYS / ADDRESS_KEYS_SECONDS);
	local is_asked = {};

	-- Keeps what came, or for some time what was known before; returns what verifies, or false.
	local function take(kid, text, trouble)
		local before, verifiers = known:get(kid), text and keys.of_rsa_pem(text);
		if verifiers then
			known:set(kid, { verifiers = verifiers, till = now() + KEY_SECONDS, answered_at = now() });
		elseif before and not is_withdrawn(text, trouble) and now() - before.answered_at < STALE_SECONDS then
			before.till, verifiers = now() + MISSING_SECONDS, before.verifiers;
		else
			known:set(kid, nil);
			missing:set(kid, now() + MISSING_SECONDS);
		end
		return verifiers or false;
	end

	-- Calls back with what verifies, or false.
	local ask = shared(function (kid, callback)
		local address = url:gsub("/*$", "/") .. hashes.sha256(kid, true) .. ".pem";
		is_asked[kid] = true;
		get(address, function (text, trouble)
			is_asked[kid] = nil;
			local verifiers = take(kid, text, trouble);
			if not text or not verifiers then
				module:log("warn", "No key of a token issuer from %s: %s", address, text and "no RSA key in PEM form" or trouble);
			end
			callback(verifiers);
		end);
	end);

	-- Anybody makes up ids, and each costs a question. One that had a key is asked for anew whatever others do.
	local function may_ask(kid, session)
		if is_asked[kid] or known:get(kid) then
			return true;
		end
		local gone, own = missing:get(kid), asking_of(session);
		if gone and now() < gone or not own:peek(1) or not asking:poll(1) then
			return false;
		end
		return own:poll(1);
	end

	local function lookup(kid, session)
		local entry = known:get(kid);
		if entry and now() < entry.till then
			return entry.verifiers;
		end
		return may_ask(kid, session) and await(ask, kid);
	end

	return function (kid, algorithm, session)
		if type(kid) ~= "string" or #kid > LONGEST_ID then
			return nil, "it has no kid";
		elseif algorithm ~= "RS256" then
			return nil, "its alg is not RS256";
		end
		local verifiers = lookup(kid, session);
		if not verifiers then
			return nil, "there is no key for its kid";
		end
		return algorithm_of(verifiers, algorithm);
	end
end

return { by_secret = by_secret, by_jwks = by_jwks, by_key_server = by_key_server };
