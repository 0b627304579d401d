-- Whose account it is, where each daemon has one of its own. Written by Audio Meet; changes here are overwritten.
--
-- An account is named <user>-<daemon>-<number>, and a new number takes the place of the one before.

-- A function that says which daemon the account of a user name is of, and its number; nothing where it is of none.
return function (user)
	local pattern = "^" .. user:gsub("%p", "%%%0") .. "%-(.+)%-(%d+)$";
	return function (username)
		local id, number = (username or ""):match(pattern);
		return id, tonumber(number);
	end
end
