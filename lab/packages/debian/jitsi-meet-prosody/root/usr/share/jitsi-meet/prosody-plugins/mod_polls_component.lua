-- Votes: asked, answered, told to those who come later. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local util = module:require "util";
module:depends("jitsi_session");

local rooms = module:get_option_string("muc_component");
if not rooms then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

module:hook("message/host", function(event)
	local room = event.origin and util.named_room(event.origin);
	local sender = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	local said = event.stanza:get_child_text("json-message", "http://jitsi.org/jitmeet");
	local vote = sender and said and json.decode(said);
	if not vote or (vote.command ~= "new-poll" and vote.command ~= "answer-poll") then
		return;
	end
	vote.type = "polls";
	vote.senderId = sender.nick:match("/(.*)$");
	if vote.command == "new-poll" then
		room.polls = room.polls or {};
		table.insert(room.polls, vote);
	end
	util.tell_all(room, json.encode(vote));
	return true;
end);

util.when_up(rooms, function(host)
	host:hook("muc-occupant-joined", function(event)
		local polls = event.room.polls;
		if polls then
			util.tell(event.occupant.jid, json.encode({ type = "polls", command = "old-polls", polls = polls }));
		end
	end);
end);

util.announce("polls");
