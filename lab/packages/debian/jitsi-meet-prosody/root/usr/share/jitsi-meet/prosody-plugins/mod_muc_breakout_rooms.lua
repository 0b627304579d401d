-- Side rooms of a conference. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local jid = require "util.jid";
local new_id = require "util.uuid".generate;
local util = module:require "util";

module:depends("jitsi_session");

local KIND = "breakout_rooms";
local rooms = module:get_option_string("main_muc");
local sides = module:get_option_string("breakout_rooms_muc", "breakout." .. module.host);
if not rooms then
	module:log("error", "breakout rooms not enabled missing main_muc config");
	return;
end
module:add_identity("component", KIND, sides);

local main_of = {}; -- side room → conference

local function people(room)
	local found = {};
	for nick, occupant in room:each_occupant() do
		if not util.is_focus(nick) then
			found[nick] = { jid = occupant.jid, role = occupant.role };
		end
	end
	return found;
end

-- Tells everybody, in the conference and beside it, which rooms there are and who is where.
local function tell(room)
	local node = jid.node(room.jid);
	local all = { [node] = { isMainRoom = true, id = node, jid = room.jid, participants = people(room) } };
	local present = { room };
	for address, name in pairs(room._data.breakout_rooms or {}) do
		local side = util.room(address);
		local id = jid.node(address);
		all[id] = { id = id, jid = address, name = name, participants = side and people(side) or {} };
		table.insert(present, side);
	end
	local text = json.encode({ type = KIND, event = "features/breakout-rooms/update", rooms = all });
	for _, one in ipairs(present) do
		util.tell_all(one, text, sides);
	end
end

-- A room by the address in an order: one that is beside the conference.
local function known(room, address)
	return address and room._data.breakout_rooms and room._data.breakout_rooms[address] ~= nil;
end

local DEEDS = {
	["features/breakout-rooms/add"] = function(room, order)
		local address = jid.join(new_id(), sides);
		room._data.breakout_rooms = room._data.breakout_rooms or {};
		room._data.breakout_rooms[address] = order.attr.subject or "";
		main_of[address] = room.jid;
		room:set_persistent(true); -- it stays while everybody is in a side room
	end,
	["features/breakout-rooms/remove"] = function(room, order)
		local address = order.attr.breakoutRoomJid;
		if not known(room, address) then
			return;
		end
		room._data.breakout_rooms[address], main_of[address] = nil, nil;
		local side = util.room(address);
		if side then
			side:destroy(room.jid, "Breakout room removed.");
		end
	end,
	["features/breakout-rooms/rename"] = function(room, order)
		if known(room, order.attr.breakoutRoomJid) then
			room._data.breakout_rooms[order.attr.breakoutRoomJid] = order.attr.subject or "";
		end
	end,
	-- Whoever it is: Jitsi's own module does not look either.
	["features/breakout-rooms/move-to-room"] = function(room, order)
		local target = order.attr.roomJid;
		if known(room, target) or target == room.jid then
			local text = { type = KIND, event = "features/breakout-rooms/move-to-room", roomJid = target };
			util.tell(order.attr.participantJid, json.encode(text), sides);
		end
	end,
};

local function changed(event)
	local room = util.room(main_of[event.room.jid] or event.room.jid);
	if room and room._data.breakout_rooms then
		tell(room);
	end
end

util.when_up(sides, function(host)
	host:hook("message/host", function(event)
		local order = event.stanza:get_child(KIND);
		local deed = order and DEEDS[order.attr.type];
		local room = deed and util.moderated(event);
		if not room then
			return false;
		end
		deed(room, order);
		tell(room);
		return true;
	end);
	-- Nobody makes a side room that no moderator asked for.
	host:hook("muc-room-pre-create", function(event)
		local address = jid.bare(event.stanza.attr.to);
		if not main_of[address] then
			module:log("debug", "Invalid breakout room %s will not be created.", address);
			event.room:destroy(nil, "Breakout room is invalid.");
			return true;
		end
	end);
	host:hook("muc-occupant-joined", changed);
	host:hook("muc-occupant-left", changed);
end);

util.when_up(rooms, function(host)
	host:hook("muc-occupant-joined", changed);
	host:hook("muc-occupant-left", changed);
	host:hook("muc-room-destroyed", function(event)
		for address in pairs(event.room._data.breakout_rooms or {}) do
			main_of[address] = nil;
			local side = util.room(address);
			if side then
				side:destroy(nil, "Conference ended.");
			end
		end
	end, 1);
end);
