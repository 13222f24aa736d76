/// A command that starts ever more processes, each of which does so again, and all of which stay: 4095 of them where
/// nothing stops it, which a test machine survives.
enum ForkBomb {
    static let line = "(b() { [ $1 = 0 ] && exec sleep 1000; b $(($1-1)) & b $(($1-1)) & wait; }; b 11)"
}
