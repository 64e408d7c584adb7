//! How much memory does this process use at most, and how much has the machine?
//!
//! Read from the kernel: `VmHWM: 184320 kB` in `/proc/self/status` is reported as 180 MB.

use std::fs;

/// The most physical memory this process has ever held, in MB (2^20 bytes); 0 where the kernel does not tell.
pub fn peak_rss_mb() -> u64 {
    fs::read_to_string("/proc/self/status").ok().and_then(|text| kilobytes(&text, "VmHWM:")).unwrap_or(0)
        / 1024
}

/// The memory this process may use, in MB: the machine's, or its control group's limit when that is lower.
/// 1024 where neither can be read.
pub fn available_to_us_mb() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kilobytes(&text, "MemTotal:"));
    let machine = machine.map_or(1024, |kb| kb / 1024);
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok())
        .map(|bytes| bytes >> 20)
        .filter(|limit| *limit > 0)
        .fold(machine, u64::min)
}

/// The number after `label` in one of the kernel's `Label:   123 kB` listings.
fn kilobytes(listing: &str, label: &str) -> Option<u64> {
    let line = listing.lines().find_map(|line| line.strip_prefix(label))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_the_kernels_listing() {
        assert_eq!(kilobytes("VmPeak:\t  5 kB\nVmHWM:\t  184320 kB\n", "VmHWM:"), Some(184_320));
        assert_eq!(kilobytes("VmPeak:\t  5 kB\n", "VmHWM:"), None);
    }

    #[test]
    fn this_process_uses_some_memory_and_the_machine_has_more() {
        assert!(peak_rss_mb() > 0);
        assert!(available_to_us_mb() > peak_rss_mb());
    }
}
