-- Who spoke for how long, told to those who join. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local now = require "socket".gettime;
local jid = require "util.jid";
local util = module:require "util";

local rooms = module:get_option_string("muc_component");
if not rooms then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

-- Ends the turn of who speaks now.
local function stop(room)
	local speaker = room.speaker and room.spoken[room.speaker];
	if speaker then
		speaker.milliseconds = speaker.milliseconds + math.floor((now() - speaker.since) * 1000);
	end
	room.speaker = nil;
end

module:hook("message/host", function(event)
	local said = event.stanza:get_child("speakerstats", "http://jitsi.org/jitmeet");
	local room = said and util.room(said.attr.room);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant then
		return false;
	end
	room.spoken = room.spoken or {};
	stop(room);
	local spoken = room.spoken[occupant.nick] or { milliseconds = 0 };
	room.spoken[occupant.nick] = spoken;
	if said.attr.silence ~= "true" then
		room.speaker, spoken.since = occupant.nick, now();
	end
	return true;
end);

util.when_up(rooms, function(host)
	host:hook("muc-occupant-joined", function(event)
		local room, users = event.room, {};
		for nick, spoken in pairs(room.spoken or {}) do
			local running = room.speaker == nick and math.floor((now() - spoken.since) * 1000) or 0;
			users[jid.resource(nick)] = { totalDominantSpeakerTime = spoken.milliseconds + running };
		end
		if next(users) then
			util.tell(event.occupant.jid, json.encode({ type = "speakerstats", users = users }));
		end
	end);
	host:hook("muc-occupant-left", function(event)
		if event.room.speaker == event.nick then
			stop(event.room);
		end
	end);
end);

util.announce("speakerstats");
