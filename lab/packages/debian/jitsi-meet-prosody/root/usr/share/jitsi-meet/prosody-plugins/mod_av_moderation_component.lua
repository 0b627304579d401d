-- A moderator decides who may unmute. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local util = module:require "util";

local rooms = module:get_option_string("muc_component");
if not rooms then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

-- What is told about a medium in a room.
local function text(room, media, more)
	more.type, more.room, more.mediaType = "av_moderation", room.jid, media;
	return json.encode(more);
end

local function switched(room, media, moderator, is_on)
	room.av_moderation, room.av_moderation_actors = room.av_moderation or {}, room.av_moderation_actors or {};
	if (room.av_moderation[media] ~= nil) == is_on then
		module:log("warn", "Concurrent moderator enable/disable request or something is out of sync");
		return;
	end
	room.av_moderation[media] = is_on and {} or nil;
	room.av_moderation_actors[media] = is_on and moderator.nick or nil;
	util.tell_all(room, text(room, media, { enabled = is_on, actor = moderator.nick }));
end

-- Puts somebody on the list of those who may unmute, as often as it is said; moderators hear the whole list.
local function allow(room, media, moderator, nick)
	local allowed = room:get_occupant_by_nick(nick);
	local list = allowed and room.av_moderation and room.av_moderation[media];
	if not list then
		return allowed and util.tell(allowed.jid, text(room, media, { approved = true, from = moderator.nick }));
	end
	table.insert(list, nick);
	for _, one in room:each_occupant() do
		if one.role == "moderator" then
			util.tell(one.jid, text(room, media, { whitelists = { [media] = list } }));
		elseif one == allowed then
			util.tell(one.jid, text(room, media, { approved = true }));
		end
	end
end

module:hook("message/host", function(event)
	local order = event.stanza:get_child("av_moderation");
	local room, moderator;
	if order and order.attr.mediaType then
		room, moderator = util.moderated(event);
	end
	if not room then
		return false;
	end
	local media = order.attr.mediaType;
	if order.attr.enable then
		switched(room, media, moderator, order.attr.enable == "true");
	elseif order.attr.jidToWhitelist then
		allow(room, media, moderator, order.attr.jidToWhitelist);
	end
	return true;
end);

util.when_up(rooms, function(host)
	host:hook("muc-occupant-joined", function(event)
		for media, actor in pairs(event.room.av_moderation_actors or {}) do
			util.tell(event.occupant.jid, text(event.room, media, { enabled = true, actor = actor }));
		end
	end, -2);
end);

util.announce("av_moderation");
