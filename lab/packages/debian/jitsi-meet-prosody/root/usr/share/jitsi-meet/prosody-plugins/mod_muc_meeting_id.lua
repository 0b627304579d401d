-- A meeting has an id, and begins with jicofo: who comes before waits. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local queue = require "util.queue";
local new_id = require "util.uuid".generate;
local util = module:require "util";

module:depends("jitsi_session");

local MOST_WAITING = 500;

module:hook("muc-room-created", function(event)
	event.room._data.meetingId = new_id();
end);

local function add_id(event)
	table.insert(event.form, {
		name = "muc#roominfo_meetingId", type = "text-single", label = "The meeting unique id.",
		value = event.room._data.meetingId or "",
	});
end

module:hook("muc-disco#info", add_id);
module:hook("muc-config-form", add_id, 87);

-- What a page or a proxy says of the region goes on with the presence.
local function tell_region(session, presence)
	if session.user_region and not presence:get_child_text("jitsi_participant_region") then
		presence:text_tag("jitsi_participant_region", session.user_region);
	end
end

module:hook("muc-occupant-pre-join", function(event)
	local room = event.room;
	if not util.is_focus(event.occupant.nick) then
		tell_region(event.origin, event.stanza);
	end
	if room._data.jicofo_lock == false then
		return;
	end
	if util.is_focus(event.occupant.nick) then
		room._data.jicofo_lock = false;
		local waiting = room.waiting_for_jicofo;
		room.waiting_for_jicofo = nil;
		for _, early in (waiting or queue.new(1)):items() do
			if early.origin.conn then
				room:handle_normal_presence(early.origin, early.stanza);
			end
		end
		return;
	end
	room.waiting_for_jicofo = room.waiting_for_jicofo or queue.new(MOST_WAITING);
	if not room.waiting_for_jicofo:push(event) then
		module:log("error", "Error enqueuing occupant event for: %s", event.occupant.nick);
	end
	return true;
end, 8);

-- What is no JSON between the daemons and pages goes to nobody.
module:hook("message/bare", function(event)
	local stanza = event.stanza;
	local text = stanza.attr.type == "groupchat" and not stanza:get_child("body")
		and stanza:get_child_text("json-message", "http://jitsi.org/jitmeet");
	if text then
		local _, problem = json.decode(text);
		if problem then
			module:log("error", "Error decoding data error:%s Sender: %s to:%s", problem, stanza.attr.from, stanza.attr.to);
			return true;
		end
	end
end);
