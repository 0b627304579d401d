-- Since when a conference has been one of two. Stand-in of the Audio Meet lab, not Jitsi's own.
local it = require "util.iterators";
local util = module:require "util";

local rooms = module:get_option_string("main_muc");
if not rooms then
	module:log("error", "missing main_muc config");
	return;
end

util.when_up(rooms, function(host)
	host:hook("muc-disco#info", function(event)
		table.insert(event.form, {
			name = "muc#roominfo_created_timestamp", type = "text-single", value = event.room.created_timestamp or "",
		});
	end);
	host:hook("muc-occupant-joined", function(event)
		local room = event.room;
		if not room.created_timestamp and it.count(room:each_occupant()) > 1 then
			room.created_timestamp = string.format("%d000", os.time());
		end
	end, -1);
end);
