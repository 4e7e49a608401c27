// What Cloud Storage tells of changes: Eventarc's CloudEvents, and the Pub/Sub messages of a notification configuration.
import type { CloudEventRequest, PubsubMessage } from '../runtimes/pubsub-push.ts';
import type { EventPost } from './event-post.ts';
import type { GcsChange } from './gcs-bucket.ts';
import { resourceOf } from './gcs-resource.ts';

/** An event in HTTP's binary mode, as Eventarc hands it to a function: the object's resource is its data. `id` is the message's. */
function gcsCloudEvent(change: GcsChange, id: string): CloudEventRequest {
  return {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-type': `google.cloud.storage.object.v1.${change.event}`,
      'ce-source': `//storage.googleapis.com/projects/_/buckets/${change.bucket}`,
      // CloudEvents has what a header cannot hold percent-encoded, and the percent sign with it.
      'ce-subject': `objects/${change.object.name.replace(/[^\x21-\x7e]|["%]/gu, encodeURIComponent)}`,
      'ce-bucket': change.bucket,
      'ce-time': change.at.toISOString(),
    },
    body: JSON.stringify(resourceOf(change.bucket, change.object)),
  };
}

const eventTypes = {
  finalized: 'OBJECT_FINALIZE',
  deleted: 'OBJECT_DELETE',
  archived: 'OBJECT_ARCHIVE',
  metadataUpdated: 'OBJECT_METADATA_UPDATE',
} as const;

/** The message of a notification configuration. An overwrite says so at both ends: what was overwritten, and by what. */
export function gcsPubsubMessage(change: GcsChange, messageId: string): PubsubMessage {
  const { overwroteGeneration, overwrittenByGeneration } = change;
  return {
    data: Buffer.from(JSON.stringify(resourceOf(change.bucket, change.object))).toString('base64'),
    attributes: {
      bucketId: change.bucket,
      objectId: change.object.name,
      objectGeneration: String(change.object.generation),
      eventType: eventTypes[change.event],
      eventTime: change.at.toISOString(),
      notificationConfig: `projects/_/buckets/${change.bucket}/notificationConfigs/1`,
      payloadFormat: 'JSON_API_V1',
      ...(overwroteGeneration === null ? {} : { overwroteGeneration: String(overwroteGeneration) }),
      ...(overwrittenByGeneration === null ? {} : { overwrittenByGeneration: String(overwrittenByGeneration) }),
    },
    messageId,
    publishTime: change.at.toISOString(),
  };
}

/** What to give the stand-in as `onChange`: changes of that bucket go to `deliver` as CloudEvents, with the faults of the post. */
export function notifyFunction(options: {
  bucket: string;
  post: EventPost;
  deliver(event: CloudEventRequest): void;
}): (change: GcsChange) => void {
  let told = 0;
  return (change) => {
    if (change.bucket !== options.bucket) return;
    told += 1;
    // A message that is delivered twice has its id twice; one that is published twice has two.
    const event = gcsCloudEvent(change, String(told));
    const ended = change.event === 'deleted' || change.event === 'archived';
    const letter = { key: change.object.name, removal: ended && change.overwrittenByGeneration === null };
    options.post.post(letter, () => options.deliver(event));
  };
}
