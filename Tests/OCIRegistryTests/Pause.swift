import Glibc

/// Blocks the thread, as a slow disk would.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
