"""Pure statistics on audits: arrays in, frozen results out; randomness is passed in."""
