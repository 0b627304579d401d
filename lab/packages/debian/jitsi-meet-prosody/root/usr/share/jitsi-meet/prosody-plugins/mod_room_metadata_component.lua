-- What a conference knows about itself, set by its moderators. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "util.json";
local util = module:require "util";
module:depends("external_services");

local rooms = module:get_option_string("muc_component");
if not rooms then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

local function text(room)
	return json.encode({ type = "room_metadata", metadata = room.jitsiMetadata or {} });
end

module:hook("message/host", function(event)
	local said = event.stanza:get_child_text("room_metadata", "http://jitsi.org/jitmeet")
		or event.stanza:get_child_text("room_metadata");
	local room = said and util.moderated(event);
	local value = room and json.decode(said);
	if not value or type(value.key) ~= "string" or value.data == nil then
		return false;
	end
	room.jitsiMetadata = room.jitsiMetadata or {};
	room.jitsiMetadata[value.key] = value.data;
	util.tell_all(room, text(room));
	return true;
end);

util.when_up(rooms, function(host)
	host:hook("muc-room-created", function(event)
		event.room.jitsiMetadata = event.room.jitsiMetadata or {};
	end, -1);
	host:hook("muc-occupant-joined", function(event)
		if next(event.room.jitsiMetadata or {}) then
			util.tell(event.occupant.jid, text(event.room));
		end
	end);
end);

util.announce("room_metadata");
