-- Guests knock at a room beside the conference. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";
local st = require "util.stanza";
local json = require "cjson.safe";
local util = module:require "util";

module:depends("jitsi_session");

local NS_MUC = "http://jabber.org/protocol/muc";
local NS_JITSI = "http://jitsi.org/jitmeet";

local rooms, lobbies = module:get_option_string("main_muc"), module:get_option_string("lobby_muc");
if not rooms or not lobbies then
	module:log("error", "lobby not enabled missing main_muc or lobby_muc config");
	return;
end
module:add_identity("component", "lobbyrooms", lobbies);

local is_listed = util.listed("muc_lobby_whitelist");

local function open(room, actor)
	local lobby = jid.join(jid.node(room.jid), lobbies);
	if room._data.lobbyroom or not prosody.hosts[lobbies] then
		return false;
	end
	local made = prosody.hosts[lobbies].modules.muc.create_room(lobby);
	made:set_persistent(true);
	made.main_room_jid = room.jid;
	room._data.lobbyroom = lobby;
	module:log("info", "Lobby room jid = %s created from:%s", lobby, actor);
	return true;
end

local function close(room)
	local lobby = room._data.lobbyroom and util.room(room._data.lobbyroom);
	room._data.lobbyroom = nil;
	if lobby then
		lobby:set_persistent(false);
		lobby:destroy(nil, "Lobby room closed.");
	end
end

-- Tells everybody in the conference, as the focus's own words would come.
local function notify(room, event, value)
	local text = json.encode({ type = "lobby-notify", event = event, value = value });
	room:broadcast_message(st.message({ type = "groupchat", from = room.jid })
		:tag("json-message", { xmlns = NS_JITSI }):text(text):up());
end

local function refuse(event, kind, condition, child)
	local reply = st.error_reply(event.stanza, kind, condition);
	reply:add_child(child):up();
	event.origin.send(reply:tag("x", { xmlns = NS_MUC }));
	return true;
end

-- Who may come in at once is a member by now, or a whole host of the daemons.
local function knock(event)
	local room, stanza = event.room, event.stanza;
	if not room:get_members_only() or not room._data.lobbyroom or util.is_focus(event.occupant.nick) then
		return;
	end
	if is_listed(stanza.attr.from) then
		room:set_affiliation(true, jid.bare(stanza.attr.from), "member");
		event.occupant.role = "participant";
		return;
	end
	local name = stanza:get_child_text("nick", "http://jabber.org/protocol/nick");
	if not name or name == "" then
		return refuse(event, "modify", "not-acceptable", st.stanza("displayname-required", { xmlns = NS_JITSI, lobby = "true" }));
	end
	local affiliation = room:get_affiliation(stanza.attr.from);
	if not affiliation or affiliation == "none" then
		local where = st.stanza("lobbyroom", { xmlns = NS_JITSI }):text(room._data.lobbyroom);
		return refuse(event, "auth", "registration-required", where);
	end
end

util.when_up(rooms, function(host)
	host:hook("muc-config-submitted", function(event)
		local room, actor = event.room, event.actor;
		if jid.node(actor) == "focus" then
			return;
		end
		if event.fields["muc#roomconfig_membersonly"] then
			if open(room, actor) then
				event.status_codes["104"] = true;
				notify(room, "LOBBY-ENABLED", true);
			end
		elseif room._data.lobbyroom then
			close(room);
			notify(room, "LOBBY-ENABLED", false);
		end
	end);
	host:hook("muc-room-destroyed", function(event) close(event.room); end, 1);
	-- Before the conference's own answer to who is no member.
	host:hook("muc-occupant-pre-join", knock, -4);
	-- A moderator's invitation makes a member.
	host:hook("muc-invite", function(event)
		event.room:set_affiliation(true, jid.bare(event.stanza.attr.to), "member");
	end);
end);
