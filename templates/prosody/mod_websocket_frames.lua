-- One stanza in a message of a websocket (RFC 7395, section 3.3.3). Written by Audio Meet; changes here are overwritten.
--
-- Prosody handles a message in one go, and nobody else is served meanwhile. It takes thousands of stanzas in one, and half a
-- megabyte; here a stream ends that sends more stanzas than messages, or a message that is longer than any of a page's.

module:set_global();

local filters = require "prosody.util.filters";

local TEXT = 0x1;
local most_bytes = module:get_option_integer("websocket_frames_bytes", 65536);

-- Bytes of a frame's header that begins so; nil while not even that can be said.
local function header_length(header)
	local second = header:byte(2);
	if not second then
		return nil;
	end
	local length = second % 0x80;
	return 2 + (length == 127 and 8 or length == 126 and 2 or 0) + (second >= 0x80 and 4 or 0);
end

local function payload_length(header)
	local length = header:byte(2) % 0x80;
	local bytes = length == 127 and 8 or length == 126 and 2 or 0;
	if bytes > 0 then
		length = 0;
		for i = 3, 2 + bytes do
			length = length * 256 + header:byte(i);
		end
	end
	return length;
end

-- How many messages end in these bytes, nil where one is too long. `reading` is where the ones before have ended: part of a header,
-- or of what follows it.
local function messages_ended(reading, data)
	local ended, at = 0, 1;
	while at <= #data do
		if reading.left == 0 then
			local header = reading.header .. data:sub(at, at + 13 - #reading.header);
			local length = header_length(header);
			if not length or #header < length then
				reading.header = header;
				break;
			end
			at = at + length - #reading.header;
			reading.header = "";
			reading.is_text = header:byte(1) % 0x10 == TEXT;
			reading.left = payload_length(header);
			if reading.left > most_bytes then
				return nil;
			end
		end
		local step = math.min(reading.left, #data - at + 1);
		at = at + step;
		reading.left = reading.left - step;
		if reading.left == 0 and reading.is_text then
			ended = ended + 1;
			reading.is_text = false;
		end
	end
	return ended;
end

-- Session -> what is known of its connection: `session`, `reading`, how many stanzas may still come of what has been read, and
-- whether it is a websocket, and over.
local connections = setmetatable({}, { __mode = "k" });

local function put_out(connection, reason)
	local session = connection.session;
	connection.is_over = true;
	session.log("info", "%s is put out: %s", session.full_jid or session.ip, reason);
	session:close({ condition = "policy-violation", text = reason });
end

local function on_bytes(connection, data)
	connection.is_websocket = connection.is_websocket or connection.session.websocket_request ~= nil;
	if not connection.is_websocket then
		return data;
	end
	local ended = not connection.is_over and messages_ended(connection.reading, data);
	if not ended and not connection.is_over then
		put_out(connection, "A message is too long");
	end
	connection.stanzas_left = ended or 0;
	return not connection.is_over and data or nil;
end

local function on_stanza(connection, stanza)
	if not connection.is_websocket then
		return stanza;
	elseif connection.is_over then
		return nil;
	end
	connection.stanzas_left = connection.stanzas_left - 1;
	if connection.stanzas_left < 0 then
		put_out(connection, "One stanza in a message");
		return nil;
	end
	return stanza;
end

local function watch(session)
	if not session.type:find("^c2s") then
		return;
	end
	connections[session] = {
		session = session,
		reading = { header = "", left = 0, is_text = false },
		stanzas_left = 0,
		is_websocket = false,
		is_over = false,
	};
	-- Before mod_websocket takes the text out of the messages.
	filters.add_filter(session, "bytes/in", function (data)
		return on_bytes(connections[session], data);
	end, 500);
	-- Before anybody counts them.
	filters.add_filter(session, "stanzas/in", function (stanza)
		return on_stanza(connections[session], stanza);
	end, 1000);
end

-- A session that goes on over another connection (XEP-0198) has that one's reader (mod_fresh_reading), whose messages are counted
-- since it began.
module:hook("c2s-session-updated", function (event)
	local connection = connections[event.from_session];
	if connection then
		connection.session = event.session;
	end
	connections[event.session] = connection;
end);

function module.load()
	filters.add_filter_hook(watch);
end

function module.unload()
	filters.remove_filter_hook(watch);
end
