-- Login by token. Written by Audio Meet; changes here are overwritten.
--
-- The page brings the token in the query of its websocket and logs in as ANONYMOUS, as it does with Jitsi's own
-- module. Who shows no good token is refused. What is known about the others is left at the session under the names by which
-- Jitsi's modules look for it; mod_token_rooms reads meet_token, which nothing else sets.

local datamanager = require "prosody.util.datamanager";
local formdecode = require "prosody.util.http".formdecode;
local new_uuid = require "prosody.util.uuid".generate;

local check = module:require "token_check".check;
local issuer = module:require "token_issuer";

local host = module.host;
local SOURCES = {
	{ option = "token_jwks", make = issuer.by_jwks },
	{ option = "token_key_server", make = issuer.by_key_server },
	{ option = "token_secret", make = issuer.by_secret },
};

-- The first that is configured; without any, or with an empty secret, there is no key for any token.
local function key_finder()
	for _, source in ipairs(SOURCES) do
		local value = module:get_option_string(source.option);
		if value and value ~= "" then
			return source.make(value);
		end
	end
	module:log("warn", "Nothing verifies tokens here: nobody can log in");
	return function () return nil, "nothing verifies tokens here"; end
end

local find_key = key_finder();

-- A secret is part of the configuration: another one counts as soon as Prosody has read that again. Whoever is in stays, and needs a
-- token of the new one to come in again. What a server of keys has said stays good.
module:hook_global("config-reloaded", function ()
	if not (module:get_option_string("token_jwks") or module:get_option_string("token_key_server")) then
		find_key = key_finder();
	end
end);

local rules = {
	issuers = module:get_option_array("token_issuers", {}),
	audiences = module:get_option_array("token_audiences", {}),
	domain = module:get_option_boolean("token_subject_is_domain", true) and host or nil,
	needs_room = module:get_option_boolean("token_needs_room", true),
	needs_expiry = module:get_option_boolean("token_needs_expiry", true),
	moderator_claim = module:get_option_string("token_moderator_claim", "context.user.moderator"),
	moderator_value = module:get_option_string("token_moderator_value"),
	name_claim = module:get_option_string("token_name_claim", "context.user.name"),
};

-- The token comes before anybody has said for which host: it counts for nothing until it has been looked at. previd is the id
-- of a session that the page wants to go on with.
local function note_token(event)
	local session, request = event.session, event.request;
	local query = request.url and request.url.query;
	local params = query and formdecode(query);
	params = type(params) == "table" and params or {};
	local bearer = (request.headers["authorization"] or ""):match("^[Bb]earer +(%S+)$");
	session.auth_token = params.token or bearer;
	session.previd = params.previd;
end
module:hook_global("websocket-session", note_token);

local function text(value)
	return type(value) == "string" and value or nil;
end

local function group(value)
	return type(value) == "table" and value or nil;
end

-- Who somebody is, for Jitsi's modules: what the token says of its user, else what identity providers say (OpenID Connect).
local function user_of(token)
	local claims, user = token.claims, {};
	local context = group(claims.context) or {};
	for key, value in pairs(group(context.user) or {}) do
		user[key] = value;
	end
	user.id = text(user.id) or claims.sub;
	user.name = token.name;
	user.email = text(user.email) or text(claims.email);
	user.avatar = text(user.avatar) or text(claims.picture);
	user.moderator = token.is_moderator;
	return user, context;
end

local function remember(session, token)
	local user, context = user_of(token);
	session.meet_token = { room = token.room, is_moderator = token.is_moderator };
	session.jitsi_meet_room = token.room;
	session.jitsi_meet_domain = token.claims.sub;
	session.jitsi_meet_auth_issuer = token.claims.iss;
	session.jitsi_meet_str_tenant = text(context.tenant);
	session.jitsi_meet_context_user = user;
	session.jitsi_meet_context_group = text(context.group);
	session.jitsi_meet_context_room = group(context.room);
	session.jitsi_meet_context_features = group(context.features);
end

-- A page that comes back with stream management (XEP-0198) gets the name that its session has: it alone knows the id.
local function name_before(session)
	if session.previd then
		for _, other in pairs(prosody.full_sessions) do
			if other.host == host and other.resumption_token == session.previd then
				return other.username;
			end
		end
	end
	return nil;
end

local function login(session)
	local token, reason;
	if session.auth_token then
		local done;
		local function find_key_for(kid, algorithm)
			return find_key(kid, algorithm, session);
		end
		done, token, reason = pcall(check, session.auth_token, find_key_for, rules, os.time());
		if not done then
			module:log("warn", "A token could not be looked at: %s", token);
			token, reason = nil, "it could not be looked at";
		end
	else
		reason = "there is none";
	end
	if not token then
		session.auth_token = nil;
		module:log("info", "A token was refused: %s", reason);
		return nil, "the token was refused: " .. reason;
	end
	remember(session, token);
	return name_before(session) or new_uuid();
end

-- A SASL handler (RFC 4505) with this one way to log in.
local handler = {};
handler.__index = handler;

local function new_handler(session)
	return setmetatable({ session = session }, handler);
end

function handler.mechanisms()
	return { ANONYMOUS = true };
end

function handler:select(mechanism)
	if self.selected or mechanism ~= "ANONYMOUS" then
		return nil;
	end
	self.selected = mechanism;
	return true;
end

function handler:process()
	local username, reason = login(self.session);
	if not username then
		return "failure", "not-allowed", reason;
	end
	self.username = username;
	return "success";
end

function handler:clean_clone()
	return new_handler(self.session);
end

local provider = { get_sasl_handler = new_handler };

local function no_account()
	return nil, "Accounts are in the tokens.";
end

for _, action in ipairs { "test_password", "get_password", "set_password", "user_exists", "create_user", "delete_user" } do
	provider[action] = no_account;
end

function provider.users()
	return next, prosody.hosts[host].sessions, nil;
end

module:provides("auth", provider);

-- Everybody has a name of the moment: nothing is kept of them.
local function keep_nothing(username, of_host, store, data)
	if of_host == host then
		return false;
	end
	return username, of_host, store, data;
end

function module.load()
	datamanager.add_callback(keep_nothing);
end

function module.unload()
	datamanager.remove_callback(keep_nothing);
end

-- Jitsi's breakout rooms ask to be told before a session goes, by the event of Jitsi's own module.
module:hook("pre-resource-unbind", function (event)
	local session = event.session;
	prosody.events.fire_event("jitsi-pre-session-unbind", { jid = session.full_jid, session = session, error = event.error });
end, 11);
