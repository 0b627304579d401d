-- A stream that goes on over another connection (XEP-0198) is read from its beginning there. Written by Audio Meet; changes here are
-- overwritten.
--
-- Prosody reads the new connection with what it read the lost one with. Where that one broke in the middle of a stanza or of a message
-- of a websocket, its half stands before all that comes: the stream ends as not well-formed, or nothing of what is said arrives. Here
-- the new connection keeps the reader that it logged in with.

module:set_global();

module:hook("c2s-session-updated", function (event)
	-- Both are those of the new connection by now.
	local session, stream, filter = event.session, event.session.stream, event.session.filter;
	function session.data(data)
		data = data and filter("bytes/in", data);
		if not data then
			return;
		end
		local ok, err = stream:feed(data);
		if not ok then
			session.log("debug", "Received invalid XML (%s), %d bytes", err, #data);
			session:close(err == "stanza-too-large" and { condition = "policy-violation", text = "XML stanza is too big" }
				or "not-well-formed");
		end
	end
end);
