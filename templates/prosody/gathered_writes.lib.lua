-- What goes to the same connections again and again within a moment leaves in one write. Written by Audio Meet; changes here are
-- overwritten.
--
-- In a large room a presence reaches each connection every few milliseconds, and each costs three calls of the kernel here, and as many
-- and a record of TLS at nginx. So a connection keeps what it is to send for a moment; all of them let go at once. Prosody's own
-- connections can keep it (mod_csi_simple has them do so), and the order of what is sent stays.

local timer = require "prosody.util.timer";

-- A moment grows with the room, so that nobody in a small one waits, and ends somewhere. 0: nothing is gathered.
local SECONDS_PER_OCCUPANT, LEAST_OCCUPANTS = 0.0004, 50;
local most_seconds = module:get_option_number("broadcast_once_gather_seconds", 0.2);

local held, is_waiting = {}, false;

local function let_go(on_error)
	is_waiting = false;
	local all = held;
	held = {};
	for conn, session in pairs(all) do
		-- A session that has ended has closed its connection, which writes the rest by itself.
		if session.conn == conn then
			local ok, err = pcall(conn.resume_writes, conn);
			if not ok then
				on_error(err);
			end
		end
	end
end

-- A session's connection keeps what it is to send, for as long as a room of so many people bears.
local function hold(session, occupants, on_error)
	local conn = session.conn;
	if most_seconds == 0 or occupants < LEAST_OCCUPANTS or held[conn] or not conn.pause_writes or conn._write_lock then
		return;
	end
	conn:pause_writes();
	held[conn] = session;
	if not is_waiting then
		is_waiting = true;
		timer.add_task(math.min(most_seconds, occupants * SECONDS_PER_OCCUPANT), function ()
			let_go(on_error);
		end);
	end
end

local function people_in(room)
	local count = 0;
	for _ in next, room._occupants or {} do
		count = count + 1;
	end
	return count;
end

return { people_in = people_in, hold = hold, let_go = let_go };
