-- So many joins a second into one room, the others wait in their order. Leaving is not limited here.
-- Stand-in of the Audio Meet lab, not Jitsi's own.
local new_queue = require "util.queue".new;
local new_throttle = require "util.throttle".create;
local util = module:require "util";

local MOST_WAITING = 1000;
local rate = module:get_option_number("muc_rate_joins", 3);

-- Lets the next ones in, and says when to come again.
local function let_in(room)
	if room.destroying then
		return nil;
	end
	for _ = 1, rate do
		local event = room.joins_waiting:pop();
		if event and event.origin.conn then
			event.stanza.had_its_turn = true;
			room:handle_normal_presence(event.origin, event.stanza);
		end
	end
	if room.joins_waiting:count() > 0 then
		return 1;
	end
	room.joins_waiting = nil;
end

-- Before muc_meeting_id, and after muc_max_occupants.
module:hook("muc-occupant-pre-join", function(event)
	local room, stanza = event.room, event.stanza;
	if stanza.had_its_turn then
		stanza.had_its_turn = nil;
		return;
	end
	room.join_throttle = room.join_throttle or new_throttle(rate, 1);
	if room.join_throttle:poll(1) and not room.joins_waiting then
		return;
	end
	if not room.joins_waiting then
		room.joins_waiting = new_queue(MOST_WAITING);
		module:add_timer(1, function() return let_in(room); end);
	end
	if not room.joins_waiting:push(event) then
		module:log("error", "Error pushing item in join queue for %s in %s", stanza.attr.from, room.jid);
		return;
	end
	return true;
end, 9);

