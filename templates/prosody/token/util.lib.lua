-- Stands before Jitsi's library of this name. Written by Audio Meet; changes here are overwritten.
--
-- Jitsi's module of visitors asks for it, to sign requests to a service that keeps visitors waiting. There is none here, and tokens
-- are looked at by mod_auth_meet_token: so none of the libraries that Jitsi's own asks for are needed.

return {
	new = function ()
		return {
			generateAsapToken = function ()
				error("visitors_queue_service is not for this deployment");
			end;
		};
	end;
};
