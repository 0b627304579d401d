-- Turns of those who have something for everybody in a room. Written by Audio Meet; changes here are overwritten.
--
-- A presence or a message to a room is sent on to all who are in it: 70 ms of the one core that Prosody has, in a room of 500. So it
-- goes on in turns of 250 ms, one stanza of each session. Prosody calls a timer when no connection has anything to say: whatever else
-- arrives is served between two turns. While nothing waits, everything goes on as it comes.
--
-- A person here is a table with `session`, `shared` (a throttle) and `waiting`, a list of { stanza = …, counts = … }.

local now = require "prosody.util.time".monotonic;

-- The longer a turn is, the more of it leaves in one write for each receiver; and the longer is the wait for whatever else arrives.
local TURN_SECONDS = 0.25;
-- While nothing waits but what has to wait for its second.
local REST_SECONDS = 0.1;

-- Those of whom something waits, in their order; seconds that the present turn has taken.
local queue, first, last = {}, 1, 0;
local turn_seconds, is_ticking = 0, false;

local function append(person)
	last = last + 1;
	queue[last] = person;
end

-- As if it had come just now: no other module knows the difference.
local function hand_on(person, stanza)
	local began = now();
	person.session.thread:run(stanza);
	turn_seconds = turn_seconds + now() - began;
end

-- One stanza, if the person may send one; who has more comes to the end of the queue. Whether something was sent.
local function take_turn(person)
	local waiting = person.waiting;
	if person.session.destroyed or not waiting[1] then
		person.waiting = {};
		return false;
	end
	local may_send = person.shared:poll(waiting[1].counts);
	if may_send then
		hand_on(person, table.remove(waiting, 1).stanza);
	end
	if waiting[1] then
		append(person);
	end
	return may_send;
end

-- Seconds until the next turn; nothing where nobody waits.
local function tick()
	turn_seconds = 0;
	local is_busy = false;
	for i = first, last do
		local person = queue[i];
		queue[i], first = nil, i + 1;
		is_busy = take_turn(person) or is_busy;
		if turn_seconds >= TURN_SECONDS then
			return 0;
		end
	end
	if first <= last then
		return is_busy and 0 or REST_SECONDS;
	end
	queue, first, last, is_ticking = {}, 1, 0, false;
	return nil;
end

local function keep_ticking()
	if not is_ticking then
		is_ticking = true;
		module:add_timer(0, tick);
	end
end

-- Sends it on at once; false where it has to wait.
local function send_now(person, item)
	if person.waiting[1] or first <= last or turn_seconds >= TURN_SECONDS or not person.shared:poll(item.counts) then
		return false;
	end
	hand_on(person, item.stanza);
	keep_ticking();
	return true;
end

local function wait(person, item)
	if not person.waiting[1] then
		append(person);
	end
	table.insert(person.waiting, item);
	keep_ticking();
end

return { send_now = send_now, wait = wait };
