"""The engines that read the lake, one file each."""
