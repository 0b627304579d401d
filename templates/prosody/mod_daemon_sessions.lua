-- A daemon stays logged in while its password changes. Written by Audio Meet; changes here are overwritten.
--
-- Prosody ends every session of an account whose password changes. That is right for people. A daemon of ours has a new password
-- in its turn, seconds or minutes later, and until then its session is what conferences hang on. On this host every account is a
-- daemon's. A session ends with its account all the same ("user-deleted"), and nobody logs in with the old password any more.

-- mod_c2s of Prosody 13 listens with 200; an event goes on only while nobody returns anything.
module:hook_global("user-password-changed", function(event)
	if event.host == module.host then
		return true;
	end
end, 300);
