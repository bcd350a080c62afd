"""Events counted once for several detectors, one file each."""
