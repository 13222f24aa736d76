import CISAL
import Glibc
import Synchronization

/// Memory for the state of ISA-L's compressor, at an address that makes its output independent of the address.
///
/// For the second position of its input, ISA-L hashes the address of this state where it means to hash content
/// (`.write_first_byte` in igzip_icf_body_h1_gr_bt.asm of 2.30: `tmp2` holds the argument still). The position is then noted
/// in a slot of the hash table that the bits of the address from 16 on choose; where that is the slot of the input's first
/// bytes, a match with them is lost. So about one piece in eight thousand was compressed to other bytes from one
/// process to the next. The state therefore lies where the slot is always the same one.
///
/// For one user at a time. The memory goes back to a pool with the value: there are never more than were in use at once.
final class ISALStream {
    /// The state, of undefined content.
    let pointer: UnsafeMutablePointer<isal_zstream>

    /// Finds a place, or takes one that is free again.
    init() throws(CodecError) {
        pointer = try Self.pool.withLock { pool throws(CodecError) in try pool.take() }.pointer
    }

    deinit {
        let place = Place(pointer: pointer)
        Self.pool.withLock { $0.free.append(place) }
    }

    /// The slot that all states note the position in. Not that of four zeros, which many a piece of a tar begins with.
    static let slot: UInt32 = 0x1555

    /// IGZIP_LVL1_HASH_SIZE.
    private static let slots: UInt32 = 8192

    /// The slot of a state at this address: of the CRC-32C that the hash is, as many bits as the table has.
    static func slot(of address: UInt) -> UInt32 {
        var hash = UInt32(truncatingIfNeeded: address >> 16)
        for _ in 0..<32 { hash = hash >> 1 ^ (hash & 1 == 0 ? 0 : 0x82F6_3B78) }
        return hash & (slots - 1)
    }

    // MARK: Places

    private struct Place: @unchecked Sendable {  // Whoever has it is the only one.
        let pointer: UnsafeMutablePointer<isal_zstream>
    }

    private struct Pool: ~Copyable {
        var free: [Place] = []
        /// Where the search for the next place goes on. It begins where a process has nothing as a rule, and emulators and
        /// checkers of memory let it have something.
        var next: UInt = 0x6_0000_0000

        mutating func take() throws(CodecError) -> Place {
            if let place = free.popLast() { return place }
            for _ in 0..<1024 {
                while ISALStream.slot(of: next) != ISALStream.slot { next += 1 << 16 }
                let wanted = next
                next += 1 << 16
                let size = MemoryLayout<isal_zstream>.size
                // Not MAP_FIXED, which would take the place from whatever is there.
                guard
                    let mapped = mmap(
                        UnsafeMutableRawPointer(bitPattern: wanted), size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), mapped != MAP_FAILED
                else { break }
                if UInt(bitPattern: mapped) == wanted {
                    return Place(pointer: mapped.bindMemory(to: isal_zstream.self, capacity: 1))
                }
                munmap(mapped, size)
            }
            throw CodecError(.library, "there is no memory for a compressor of ISA-L: use --compression default")
        }
    }

    private static let pool = Mutex(Pool())
}
