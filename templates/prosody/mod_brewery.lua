-- The brewery is there before anybody enters it. Written by Audio Meet; changes here are overwritten.
--
-- On the component of the brewery. A bridge may come before jicofo, and one that cannot enter does not try again; but whoever makes a
-- room owns it. So the room is made here, it stays while nobody is in it, and its owner is jicofo alone.

local muc = module:depends("muc");
local room_jid = module:get_option_string("brewery_room");

local room = muc.get_room_from_jid(room_jid) or muc.create_room(room_jid);
room:set_persistent(true);
room:save();
