-- Votes: asked, answered, told to those who come later. Stand-in of the Audio Meet lab, not Jitsi's own.
local json = require "cjson.safe";
local util = module:require "util";
module:depends("jitsi_session");

local rooms = module:get_option_string("muc_component");
if not rooms then
	module:log("error", "No muc_component specified. No muc to operate on!");
	return;
end

local MOST_POLLS, LONGEST = 128, 1024;

local function name_of(occupant)
	local presence = occupant:get_presence();
	return presence and presence:get_child_text("nick", "http://jabber.org/protocol/nick");
end

-- A vote takes the place of the one before, and is kept with the name of who gave it.
local function count_vote(poll, vote, voter)
	for number, choice in ipairs(poll.answers) do
		local others = {};
		for _, one in ipairs(choice.voters or {}) do
			if one.id ~= voter.id then
				table.insert(others, one);
			end
		end
		if vote.answers[number] then
			table.insert(others, voter);
		end
		choice.voters = others;
	end
end

local DEEDS = {
	["new-poll"] = function(polls, poll)
		if #polls.order >= MOST_POLLS or polls.by_id[poll.pollId] then
			return false;
		end
		polls.by_id[poll.pollId] = poll;
		table.insert(polls.order, poll);
		return true;
	end,
	["answer-poll"] = function(polls, vote, voter)
		local poll = polls.by_id[vote.pollId];
		if poll then
			count_vote(poll, vote, voter);
		end
		return poll ~= nil;
	end,
};

module:hook("message/host", function(event)
	local room = event.origin and util.named_room(event.origin);
	local sender = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	local said = event.stanza:get_child_text("json-message", "http://jitsi.org/jitmeet");
	local vote = sender and said and #said < LONGEST and json.decode(said);
	local deed = vote and DEEDS[vote.command];
	if not deed then
		return;
	end
	room.polls = room.polls or { by_id = {}, order = {} };
	vote.type, vote.senderId, vote.senderName = "polls", sender.nick:match("/(.*)$"), name_of(sender);
	if deed(room.polls, vote, { id = vote.senderId, name = vote.senderName }) then
		util.tell_all(room, json.encode(vote));
	end
	return true;
end);

util.when_up(rooms, function(host)
	host:hook("muc-occupant-joined", function(event)
		local polls = event.room.polls;
		if polls then
			util.tell(event.occupant.jid, json.encode({ type = "polls", command = "old-polls", polls = polls.order }));
		end
	end);
end);

util.announce("polls");
