// The process: memory settings, threads, gradient modes, random state, devices.
#include "internal.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

// A training step frees and takes the same large blocks again and again. By default glibc gives each back to the kernel and
// faults it in anew, page by page, which can halve a step's speed. What the user has set stays.
#ifdef __GLIBC__
bool raise_malloc_threshold(const char* variable, int parameter, int bytes) {
    const char* tunables = std::getenv("GLIBC_TUNABLES");
    bool user_decides =
        std::getenv(variable) != nullptr || (tunables != nullptr && std::strstr(tunables, "glibc.malloc") != nullptr);
    return user_decides || mallopt(parameter, bytes) == 1;
}

__attribute__((constructor)) void keep_freed_memory() {
    // Older glibc refuses more than 32 MiB here.
    if (!raise_malloc_threshold("MALLOC_MMAP_THRESHOLD_", M_MMAP_THRESHOLD, 1 << 30))
        raise_malloc_threshold("MALLOC_MMAP_THRESHOLD_", M_MMAP_THRESHOLD, 32 << 20);
    raise_malloc_threshold("MALLOC_TRIM_THRESHOLD_", M_TRIM_THRESHOLD, 2147483647);
    raise_malloc_threshold("MALLOC_TOP_PAD_", M_TOP_PAD, 64 << 20);
}
#endif

// The hook's name changed within libtorch 2.x; the int prefers the new one where both exist.
template <class Hooks>
auto count_devices(const Hooks& hooks, int) -> decltype(static_cast<int32_t>(hooks.deviceCount())) {
    return static_cast<int32_t>(hooks.deviceCount());
}

template <class Hooks>
auto count_devices(const Hooks& hooks, long) -> decltype(static_cast<int32_t>(hooks.getNumGPUs())) {
    return static_cast<int32_t>(hooks.getNumGPUs());
}

}  // namespace

NC_API int32_t nc_grad_enabled() { return c10::GradMode::is_enabled(); }
NC_API void nc_set_grad_enabled(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }

NC_API void* nc_inference_mode_enter(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
NC_API void nc_inference_mode_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

NC_API int32_t nc_threads() { return at::get_num_threads(); }
NC_API int32_t nc_interop_threads() { return at::get_num_interop_threads(); }

NC_API int32_t nc_set_threads(int32_t count) {
    return guarded("set_num_threads", -1, [&] {
        at::set_num_threads(count);
        return 0;
    });
}

NC_API int32_t nc_set_interop_threads(int32_t count) {
    return guarded("set_num_interop_threads", -1, [&] {
        at::set_num_interop_threads(count);
        return 0;
    });
}

// How many CUDA devices can be used now: a libtorch that was built with CUDA may still run where there is none.
NC_API int32_t nc_cuda_device_count() {
    try {
        return at::hasCUDA() ? count_devices(at::detail::getCUDAHooks(), 0) : 0;
    } catch (...) {
        return 0;
    }
}

NC_API int32_t nc_cudnn_available() {
    try {
        return at::hasCUDA() && at::detail::getCUDAHooks().hasCuDNN();
    } catch (...) {
        return 0;
    }
}

NC_API int32_t nc_cuda_synchronize(int32_t index) {
    return guarded("cuda.synchronize", -1, [&] {
        at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(index));
        return 0;
    });
}

// `index` -1 is the current device.
NC_API int32_t nc_cuda_manual_seed(uint64_t seed, int32_t index) {
    return guarded("cuda.manual_seed", -1, [&] {
        auto generator = at::globalContext().defaultGenerator({c10::kCUDA, static_cast<c10::DeviceIndex>(index)});
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_current_seed(seed);
        return 0;
    });
}

NC_API at::Generator* nc_generator(uint64_t seed, int32_t device_type, int32_t device_index) {
    return guarded<at::Generator*>("Generator", nullptr, [&] {
        if (device_type == 0) return new at::Generator(at::detail::createCPUGenerator(seed));
        // A fresh generator of that device, with its own state: the device's default one is only its pattern.
        c10::Device device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
        auto generator = at::globalContext().defaultGenerator(device).clone();
        generator.set_current_seed(seed);
        return new at::Generator(std::move(generator));
    });
}

NC_API at::Generator* nc_default_generator() {
    return guarded<at::Generator*>("Generator", nullptr,
                                   [&] { return new at::Generator(at::globalContext().defaultGenerator(at::kCPU)); });
}

NC_API void nc_generator_release(at::Generator* generator) { delete generator; }

NC_API int32_t nc_generator_seed(at::Generator* generator, uint64_t seed) {
    return guarded("manual_seed", -1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_current_seed(seed);
        return 0;
    });
}

NC_API uint64_t nc_generator_initial_seed(at::Generator* generator) { return generator->current_seed(); }

NC_API TensorHandle nc_generator_state(at::Generator* generator) {
    return guarded<TensorHandle>("get_state", nullptr, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        return release(generator->get_state());
    });
}

NC_API int32_t nc_generator_set_state(at::Generator* generator, TensorHandle state) {
    return guarded("set_state", -1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_state(borrow(state));
        return 0;
    });
}

NC_API int32_t nc_manual_seed(uint64_t seed) {
    return guarded("manual_seed", -1, [&] {
        at::manual_seed(seed);
        return 0;
    });
}
