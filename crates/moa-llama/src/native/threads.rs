//! Compute threads of a context.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;

/// Compute threads that sleep when there is nothing to compute.
#[derive(Debug)]
pub(super) struct ThreadPool(pub(super) NonNull<sys::ggml_threadpool>);

impl ThreadPool {
    pub(super) fn new(threads: usize, polling: u32) -> Option<Self> {
        let new = cpu_function(c"ggml_threadpool_new")?;
        let threads = c_int::try_from(threads).ok()?;
        // SAFETY: the CPU backend exports this function under this name with this signature (ggml-cpu.h).
        let new: unsafe extern "C" fn(*mut sys::ggml_threadpool_params) -> *mut sys::ggml_threadpool =
            unsafe { std::mem::transmute(new.as_ptr()) };
        // SAFETY: the parameters are plain data, read during the call only.
        let pool = unsafe {
            let mut parameters = sys::ggml_threadpool_params_default(threads);
            parameters.poll = polling;
            new(&raw mut parameters)
        };
        NonNull::new(pool).map(Self)
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let Some(free) = cpu_function(c"ggml_threadpool_free") else { return };
        // SAFETY: the CPU backend exports this function under this name with this signature (ggml-cpu.h).
        let free: unsafe extern "C" fn(*mut sys::ggml_threadpool) =
            unsafe { std::mem::transmute(free.as_ptr()) };
        // SAFETY: the pool was made by the function's counterpart and no context uses it any more (`Context` drops its own first).
        unsafe { free(self.0.as_ptr()) }
    }
}

/// A function of the CPU backend by name. With `dynamic-backends` it lives in a module that is opened at run time, so linking
/// against it is not possible.
pub(super) fn cpu_function(name: &CStr) -> Option<NonNull<c_void>> {
    // SAFETY: the registry functions take and return pointers that live as long as the process; null is checked at each step.
    unsafe {
        let device = sys::ggml_backend_dev_by_type(sys::GGML_BACKEND_DEVICE_TYPE_CPU);
        if device.is_null() {
            return None;
        }
        let registry = sys::ggml_backend_dev_backend_reg(device);
        if registry.is_null() {
            return None;
        }
        NonNull::new(sys::ggml_backend_reg_get_proc_address(registry, name.as_ptr()))
    }
}
