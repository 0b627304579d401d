-- Names for TURN that say whose they are. Written by Audio Meet; changes here are overwritten.
--
-- coturn counts allocations by what stands behind the time in a name, and Prosody's own names have nothing there: a user was
-- everybody of one second, and one session had as many users as it asked at different times. Here each session has one word, the same
-- in all names that it gets, over XEP-0215 as well as with the settings of its room. The word is made up: coturn's log names nobody.

local filters = require "prosody.util.filters";
local hmac_sha1 = require "prosody.util.hashes".hmac_sha1;
local base64 = require "prosody.util.encodings".base64;
local new_word = require "prosody.util.id".short;

-- Another secret makes that module load anew, and this one after it.
module:depends("external_services");

local services = module:get_option_array("turn_services", {});
local secret = module:get_option_string("external_service_secret");

-- The session to which Prosody is just sending. Sessions outlive this module as it loads again, and so do their filters.
local shared = module:shared("sessions");

local function word_of(session)
	if not session.audio_meet_turn_word then
		session.audio_meet_turn_word = new_word();
	end
	return session.audio_meet_turn_word;
end

local function name_service(service, word)
	service.username = string.format("%d:%s", service.expires, word);
	service.password = base64.encode(hmac_sha1(secret, service.username));
	service.restricted = true;
end

-- For whoever asks mod_external_services without saying for whom: it is the session to which Prosody is just sending. Nobody's
-- names share one word, and with it the allocations of one session.
local function credentials(service)
	local session = shared.receiver;
	name_service(service, session and word_of(session) or "nobody");
end

for _, service in ipairs(services) do
	local item = { secret = true, credentials_cb = credentials };
	for key, value in pairs(service) do
		item[key] = value;
	end
	module:add_item("external_service", item);
end

local function name_services(event)
	local word = word_of(event.origin);
	for _, service in ipairs(event.services) do
		if service.restricted then
			name_service(service, word);
		end
	end
end

module:hook("external_service/services", name_services);
module:hook("external_service/credentials", name_services);

-- The settings of a room go to a session just before its own presence does (mod_room_metadata_component, priority -3), at that
-- component alone.
if module:get_host_type() == "component" then
	local function note_receiver(stanza, session)
		shared.receiver = stanza.name == "presence" and session or nil;
		return stanza;
	end

	local function watch(session)
		filters.add_filter(session, "stanzas/out", note_receiver, -2.5);
	end

	filters.add_filter_hook(watch);

	function module.unload()
		filters.remove_filter_hook(watch);
	end
end
