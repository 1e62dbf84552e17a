// engine.h, of the interpreter of wabt (Debian's package wabt has its library).

#include "engine.h"

#include <cstdio>
#include <string>

#include "wabt/binary-reader.h"
#include "wabt/error-formatter.h"
#include "wabt/interp/binary-reader-interp.h"
#include "wabt/interp/interp.h"

using namespace wabt::interp;

struct engine {
	Store store;
	ModuleDesc desc;
	Instance::Ptr instance;
};

// exported is the reference of an export of some kind, Null if there is none.
static Ref exported(engine *e, const std::string &name, wabt::ExternalKind kind) {
	for (size_t i = 0; i < e->desc.exports.size(); i++) {
		const ExportType &type = e->desc.exports[i].type;
		if (type.name == name && type.type->kind == kind) {
			return e->instance->exports()[i];
		}
	}
	return Ref::Null;
}

engine *engine_open(const void *bytes, size_t size) {
	engine *e = new engine;
	wabt::Errors errors;
	wabt::ReadBinaryOptions options;
	wabt::Result read = ReadBinaryInterp("module", bytes, size, options, &errors, &e->desc);
	if (Failed(read)) {
		fputs(FormatErrorsToString(errors, wabt::Location::Type::Binary).c_str(), stderr);
		delete e;
		return nullptr;
	}
	Module::Ptr module = Module::New(e->store, e->desc);
	Trap::Ptr trap;
	e->instance = Instance::Instantiate(e->store, module.ref(), {}, &trap);
	if (!e->instance) {
		fprintf(stderr, "the module cannot be instantiated: %s\n", trap ? trap->message().c_str() : "it imports something");
		delete e;
		return nullptr;
	}
	return e;
}

void engine_close(engine *e) {
	delete e;
}

uint32_t engine_version(engine *e) {
	Ref ref = exported(e, "rung_abi", wabt::ExternalKind::Global);
	return ref == Ref::Null ? 0 : e->store.UnsafeGet<Global>(ref)->Get().Get<u32>();
}

uint8_t *engine_memory(engine *e, size_t *size) {
	Ref ref = exported(e, "memory", wabt::ExternalKind::Memory);
	if (ref == Ref::Null) {
		*size = 0;
		return nullptr;
	}
	Memory::Ptr memory = e->store.UnsafeGet<Memory>(ref);
	*size = memory->ByteSize();
	return memory->UnsafeData();
}

int engine_has(engine *e, const char *name) {
	return exported(e, name, wabt::ExternalKind::Func) != Ref::Null;
}

int engine_call(engine *e, const char *name, const uint32_t *args, size_t n, uint64_t *out) {
	Ref ref = exported(e, name, wabt::ExternalKind::Func);
	if (ref == Ref::Null) {
		return 0;
	}
	Func::Ptr func = e->store.UnsafeGet<Func>(ref);
	const FuncType &type = func->type();
	if (type.params.size() != n || type.results.size() != 1) {
		return 0;
	}
	Values params, results;
	for (size_t i = 0; i < n; i++) {
		params.push_back(Value::Make(args[i]));
	}
	Trap::Ptr trap;
	if (Failed(func->Call(e->store, params, results, &trap))) {
		return 0;
	}
	*out = type.results[0] == wabt::Type::I64 ? results[0].Get<u64>() : results[0].Get<u32>();
	return 1;
}
