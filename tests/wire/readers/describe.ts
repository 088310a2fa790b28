// Writes the descriptors of the contract, as the generated TypeScript carries them, as one FileDescriptorSet.
import { writeFileSync } from "node:fs";
import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

import { file_ameide_core_proto_sre_core_v1_facts } from "./ameide_core_proto/sre/core/v1/facts_pb.js";
import { file_ameide_core_proto_sre_core_v1_intents } from "./ameide_core_proto/sre/core/v1/intents_pb.js";
import { file_ameide_core_proto_sre_core_v1_query } from "./ameide_core_proto/sre/core/v1/query_pb.js";
import { file_ameide_core_proto_sre_process_v1_process_facts } from "./ameide_core_proto/sre/process/v1/process_facts_pb.js";

const found = new Map<string, FileDescriptorProto>();

function collect(file: DescFile): void {
  if (file.proto.name.startsWith("ameide_core_proto/")) found.set(file.proto.name, file.proto);
  file.dependencies.forEach(collect);
}

collect(file_ameide_core_proto_sre_core_v1_facts);
collect(file_ameide_core_proto_sre_core_v1_intents);
collect(file_ameide_core_proto_sre_core_v1_query);
collect(file_ameide_core_proto_sre_process_v1_process_facts);
writeFileSync(1, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...found.values()] })));
