-- How often somebody may try to log in. Written by Audio Meet; changes here are overwritten.
--
-- Whoever comes over HTTP (websocket or BOSH) may be anybody. Each try costs a token of the address, and one of the account; a login
-- gives both back, so that only failures count. What is refused costs no hash: checking one password takes some hundredths of a second in
-- which nobody else is served. jicofo and recorders log in over TCP, which the firewall keeps for them, and are not counted.
--
-- On a host with login_limits_http = false nobody logs in over HTTP at all: its accounts are daemons'.

local encodings = require "prosody.util.encodings";
local cache = require "prosody.util.cache";
local throttle = require "prosody.util.throttle";

local source_address = module:require "source_address";

local takes_http = module:get_option_boolean("login_limits_http", true);

-- Failures at once, and the seconds in which as many come back.
local ADDRESS_FAILURES, ADDRESS_SECONDS = 30, 300;
local ACCOUNT_FAILURES, ACCOUNT_SECONDS = 10, 100;
-- Accounts and logins that are remembered; the oldest go first.
local MOST_REMEMBERED = 10000;

local address_of = source_address.counts({}, ADDRESS_FAILURES, ADDRESS_FAILURES / ADDRESS_SECONDS);
local accounts = cache.new(MOST_REMEMBERED);
-- Who has logged in from where: strangers' failures do not shut them out.
local known = cache.new(MOST_REMEMBERED);

-- Whom the first message of PLAIN (RFC 4616) or SCRAM (RFC 5802) names; nil where it names nobody.
local function account_of(stanza)
	local message = encodings.base64.decode(stanza:get_text() or "");
	if not message then
		return nil;
	end
	local name = message:match("^[^%z]*%z([^%z]+)%z") or message:match("^[nyp][^,]*,[^,]*,n=([^,]+),");
	return name and encodings.stringprep.nodeprep(name);
end

local function count_of_account(account)
	local found = accounts:get(account) or throttle.create(ACCOUNT_FAILURES, ACCOUNT_SECONDS);
	-- Also moves it to where it is forgotten last.
	accounts:set(account, found);
	return found;
end

local function refuse(event, condition, text)
	event.allowed, event.error_condition, event.error_text = false, condition, text;
end

local function is_known(account, network)
	return known:get(account .. "\0" .. network) ~= nil;
end

module:hook("authentication-attempt", function(event)
	local session, stanza = event.origin, event.stanza;
	if not (session.websocket_request or session.bosh_version) then
		return;
	end
	if not takes_http then
		refuse(event, "not-authorized", "Nobody logs in here over HTTP");
		return;
	end
	local account, network = account_of(stanza), source_address.network_of(session.ip);
	if not account then
		refuse(event, "malformed-request", "The first message names the account");
		return;
	end
	local taken = {
		address = address_of(session);
		account = not is_known(account, network) and count_of_account(account) or nil;
	};
	for _, one in pairs(taken) do
		if not one:peek() then
			session.log("info", "Too many failed logins: this one is refused unseen");
			refuse(event, "temporary-auth-failure", "Too many failed logins, try again in some seconds");
			return;
		end
	end
	for _, one in pairs(taken) do
		one:poll(1);
	end
	session.audio_meet_login = { taken = taken, key = account .. "\0" .. network };
end);

module:hook("authentication-success", function(event)
	local login = event.session.audio_meet_login;
	if not login then
		return;
	end
	event.session.audio_meet_login = nil;
	for _, one in pairs(login.taken) do
		one.balance = math.min(one.max, one.balance + 1);
	end
	known:set(login.key, true);
end);
