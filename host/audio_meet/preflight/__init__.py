"""The verb that looks at a host before anything is changed there."""
