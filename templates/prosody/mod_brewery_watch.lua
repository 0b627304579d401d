-- jicofo comes back to the recorders' brewery by itself. Written by Audio Meet; changes here are overwritten.
--
-- On the component of the brewery. jicofo enters it when it logs in, and never again: once it is out, no recording starts any more
-- until it is started anew, and nothing in it says so. A restart of jicofo ends no conference (mod_focus_hold), but it ends
-- recordings. So when recorders are there and jicofo, which is logged in, is not, this module asks the host for a restart: by a
-- file that systemd watches, as soon as nothing is being recorded.

local jid = require "prosody.util.jid";
local monotonic = require "prosody.util.time".monotonic; -- a clock of the wall may be set meanwhile

local focus = module:get_option_string("brewery_watch_focus");
local brewery = module:get_option_string("brewery_watch_room");
-- Where recorders log in that are in a conference, and where the conferences are.
local recording_host = module:get_option_string("brewery_watch_recording_host");
local conferences = module:get_option_string("brewery_watch_conferences");
local sign = module:get_option_path("brewery_watch_sign", "recorders-unheard", "data");
-- jicofo is in the room a second after its login.
local patience = module:get_option_period("brewery_watch_patience", 20);
-- A restart that does not help is not tried again and again.
local pause = module:get_option_period("brewery_watch_pause", 600);
local interval = module:get_option_period("brewery_watch_interval", 5);

local unheard = module:metric("gauge", "recorders_unheard", "", "Whether recorders are there and jicofo does not hear them");
local lost_since, told;

-- Whether jicofo is in the brewery, and whether a recorder is: nobody else enters it.
local function who_is_in(room)
	local has_focus, has_recorder = false, false;
	for _, occupant in room:each_occupant() do
		has_focus = has_focus or occupant.bare_jid == focus;
		has_recorder = has_recorder or occupant.bare_jid ~= focus and jid.host(occupant.bare_jid) == jid.host(focus);
	end
	return has_focus, has_recorder;
end

local function is_lost()
	local room = module:depends("muc").get_room_from_jid(brewery);
	if room == nil or prosody.bare_sessions[focus] == nil then
		return false;
	end
	local has_focus, has_recorder = who_is_in(room);
	return has_recorder and not has_focus;
end

local function is_recording()
	for room in prosody.hosts[conferences].modules.muc.each_room() do
		for _, occupant in room:each_occupant() do
			if jid.host(occupant.bare_jid) == recording_host then
				return true;
			end
		end
	end
	return false;
end

local function ask_for_restart(now)
	local file, problem = io.open(sign, "w");
	if not file then
		module:log("error", "jicofo cannot be started anew: %s", problem);
		return;
	end
	file:write(os.date("!%Y-%m-%dT%H:%M:%SZ\n"));
	file:close();
	module:log("warn", "jicofo is not in %s, and no recording can start: it is started anew", brewery);
	told = now;
end

module:add_timer(interval, function ()
	local now = monotonic();
	lost_since = is_lost() and (lost_since or now) or nil;
	unheard:with_labels():set(lost_since and 1 or 0);
	if lost_since and now - lost_since >= patience and not (told and now - told < pause) and not is_recording() then
		ask_for_restart(now);
	end
	return interval;
end);
